#ifndef MULTILOG_SAY_H
#define MULTILOG_SAY_H

/* Writes "multilog: KIND: WORDS[: error in words]" to standard error as one
   line.  words end with a null; error 0 adds nothing.  A standard error that
   would block gets nothing: a logger must not hang on its own complaints. */
void say_line(char const *kind, int error, char const *const *words);

#define say_warning(error, ...) \
	say_line("warning", (error), (char const *const[]){__VA_ARGS__, 0})
#define say_fatal(error, ...) \
	say_line("fatal", (error), (char const *const[]){__VA_ARGS__, 0})

#endif
