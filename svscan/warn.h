/*
 * Messages of a program that must not wait for whoever should read them.
 */
#ifndef SVSCAN_WARN_H
#define SVSCAN_WARN_H

/*
 * "svscan: warning: unable to VERB NAMEREST: WORDS", without the words if error
 * is 0.  Nothing if nobody can take it.  VERB ends in a space or is all.
 */
void warn_unable(
    char const *verb, char const *name, char const *rest, int error);

/* The same of a trouble that may last, unless *last, the error of last time,
 * is the same.  Error 0 says that the trouble is over. */
void warn_once(int *last, int error, char const *verb);

/* "svscan: TEXT NAMEREST", which is no trouble. */
void warn_not(char const *text, char const *name, char const *rest);

/* Write to this descriptor, too, while standard error would block. */
void warn_otherwise_to(int fd);

#endif
