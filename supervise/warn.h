/*
 * Warnings of a program that must not die and must not wait: nothing is said
 * when standard error would block, and a trouble that lasts is said once.
 */
#ifndef SUPERVISE_WARN_H
#define SUPERVISE_WARN_H

/* A trouble that lasts: 0, or the errno that was warned of last. */
typedef int warn_memory;

/* PROG: warning: NAME: TEXT */
void warn_text(char const *name, char const *text);

/* "unable to VERB NAME/OBJECT: WORDS", unless that errno was the last one. */
void warn_once(warn_memory *memory, int error, char const *verb,
    char const *name, char const *object);

#endif
