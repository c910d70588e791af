/*
 * Warnings of a program that must not wait for whoever should read them.
 */
#ifndef SVSCAN_WARN_H
#define SVSCAN_WARN_H

/*
 * "svscan: warning: unable to VERB NAMEREST: WORDS", without the words if error
 * is 0; nothing if standard error would block or has no reader.
 */
void warn_unable(
    char const *verb, char const *name, char const *rest, int error);

/* The same of a trouble that may last, unless *last, the error of last time,
 * is the same.  Error 0 says that the trouble is over. */
void warn_once(int *last, int error, char const *verb);

#endif
