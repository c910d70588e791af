/*
 * The name of a service as it can be shown to a person.
 */
#ifndef SUPERVISE_SHOWN_H
#define SUPERVISE_SHOWN_H

/*
 * The name itself, or, if there is more in it than graphic characters and
 * spaces of ASCII, a copy that has them, and a backslash, as \xNN; "?" without
 * memory. It is good for ever.
 */
char const *shown_name(char const *name);

#endif
