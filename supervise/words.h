/*
 * errno in the words of daemontools, which scripts have matched on since 2001
 * ("file does not exist"); strerror(3)'s for all those nobody matches on.  And
 * the name of a service in words that no terminal takes for a command.
 */
#ifndef SUPERVISE_WORDS_H
#define SUPERVISE_WORDS_H

/* Never null; valid until the next call. */
char const *words(int error);

/*
 * The name itself, or, if there is more in it than graphic characters and
 * spaces of ASCII, a copy that has them, and a backslash, as \\xNN; "?" without
 * memory. It is good for ever.
 */
char const *words_shown(char const *name);

#endif
