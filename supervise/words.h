/*
 * errno in the words of daemontools, which scripts have matched on since 2001
 * ("file does not exist"); strerror(3)'s for all those nobody matches on.
 */
#ifndef SUPERVISE_WORDS_H
#define SUPERVISE_WORDS_H

/* Never null; valid until the next call. */
char const *words(int error);

#endif
