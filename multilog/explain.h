#ifndef MULTILOG_EXPLAIN_H
#define MULTILOG_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Prints what --help or --version asks for; false if it is neither. */
bool explain_option(char const *option);

/* Prints what each action means, or what is wrong with it; true if nothing
   is. */
bool explain_script(char const *const *actions, size_t n);

#endif
