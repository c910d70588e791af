/* What an error is called, in all seven programs. */
#ifndef SUPERVISE_ERROR_H
#define SUPERVISE_ERROR_H

/*
 * errno in the words of daemontools ("file does not exist"), or in those of
 * strerror(3) if it has none.  Valid until the next call.
 */
char const *error_words(int error);

#endif
