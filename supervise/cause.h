/*
 * Why a program in the current directory could not be executed, as far as
 * looking at the file can tell: execve(2) says "file does not exist" also
 * when it is the interpreter that does not.
 */
#ifndef SUPERVISE_CAUSE_H
#define SUPERVISE_CAUSE_H

/* A few words for people, or "" when there is nothing to add. */
char const *cause_of(char const *program, int exec_error);

#endif
