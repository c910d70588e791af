/* The files of supervise/: made, locked, refused. */
#include "supervise/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervise/control.h"
#include "tests/unit/unit.h"

/* setup_open() in a process of its own: what it says, and exits with. */
static bool
fails(char const *verb, char const *object, int error)
{
	struct setup setup;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool failed =
		    setup_open(&setup) == -1 || setup_show(&setup) == -1;

		CHECK(failed);
		CHECK(errno == error);
		CHECK_STR(failed ? setup.failed : "", verb);
		CHECK_STR(failed ? setup.object : "", object);
		fflush(stdout);
		_exit(unit_failures != 0);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static mode_t
mode_of(char const *path)
{
	struct stat st;

	CHECK(stat(path, &st) == 0);
	return st.st_mode;
}

static void
close_all(void)
{
	for (int fd = 3; fd < 64; fd++)
		close(fd);
}

static void
remove_all(void)
{
	unlink(SETUP_LOCK);
	unlink(CONTROL_FIFO);
	unlink(CONTROL_OK);
	rmdir(SUPERVISE_DIR);
	unlink(SUPERVISE_DIR);
	unlink("down");
}

static bool
is_alive(void)
{
	int fd = open(CONTROL_OK, O_WRONLY | O_NONBLOCK);

	close(fd);
	return fd != -1;
}

static void
test_made(void)
{
	struct setup setup;
	char byte;

	umask(077);
	CHECK(setup_open(&setup) == 0);
	CHECK(!setup.down_file);
	CHECK(setup.ok_fd == -1 && !is_alive());
	CHECK(setup_show(&setup) == 0);
	CHECK(mode_of(SUPERVISE_DIR) == (S_IFDIR | 0755));
	CHECK(mode_of(SETUP_LOCK) == (S_IFREG | 0600));
	CHECK(mode_of(CONTROL_FIFO) == (S_IFIFO | 0600));
	CHECK(mode_of(CONTROL_OK) == (S_IFIFO | 0622));
	CHECK(setup.mask == 077 && umask(022) == 0);
	/* Neither an end of file, nor a wait for letters. */
	CHECK(read(setup.control_fd, &byte, 1) == -1 && errno == EAGAIN);
	CHECK(is_alive());
	for (int fd = 3; fd < 64; fd++)
		CHECK(fcntl(fd, F_GETFD) == -1 ||
		      fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close_all();
	CHECK(!is_alive());
	remove_all();
	unit_done("setup: files, modes, descriptors");
}

static void
test_kept(void)
{
	struct setup setup;
	struct stat before, after;

	CHECK(mkdir(SUPERVISE_DIR, 0700) == 0);
	CHECK(mkfifo(CONTROL_FIFO, 0600) == 0);
	CHECK(chmod(CONTROL_FIFO, 0620) == 0);
	CHECK(mkfifo(CONTROL_OK, 0600) == 0);
	CHECK(stat(CONTROL_FIFO, &before) == 0);
	CHECK(setup_open(&setup) == 0 && setup_show(&setup) == 0);
	CHECK(stat(CONTROL_FIFO, &after) == 0);
	CHECK(before.st_ino == after.st_ino);
	CHECK(before.st_mode == after.st_mode);
	CHECK(mode_of(SUPERVISE_DIR) == (S_IFDIR | 0700));
	CHECK(mode_of(CONTROL_OK) == (S_IFIFO | 0600));
	close_all();
	remove_all();
	unit_done("setup: what is there stays as it is");
}

static void
test_lock(void)
{
	struct setup setup;

	CHECK(setup_open(&setup) == 0);
	unlink(CONTROL_FIFO);
	CHECK(fails("acquire", SETUP_LOCK, EWOULDBLOCK));
	/* Nothing is changed by who does not have the lock. */
	CHECK(access(CONTROL_FIFO, F_OK) == -1);
	close_all();
	CHECK(setup_open(&setup) == 0);
	close_all();
	remove_all();
	unit_done("setup: one at a time");
}

/* That of daemontools and runit, flock(2). */
static void
test_lock_of_others(void)
{
	int fd;

	CHECK(mkdir(SUPERVISE_DIR, 0700) == 0);
	fd = open(SETUP_LOCK, O_WRONLY | O_CREAT, 0600);
	CHECK(fd != -1 && flock(fd, LOCK_EX) == 0);
	CHECK(fails("acquire", SETUP_LOCK, EWOULDBLOCK));
	close_all();
	remove_all();
	unit_done("setup: the lock of its relatives counts");
}

static void
test_down_file(void)
{
	struct setup setup;

	CHECK(mkdir("down", 0000) == 0);
	CHECK(setup_open(&setup) == 0 && setup.down_file);
	close_all();
	rmdir("down");
	CHECK(symlink("nothing", "down") == 0);
	CHECK(setup_open(&setup) == 0 && !setup.down_file);
	close_all();
	unlink("down");
	CHECK(symlink("down", "down") == 0);
	CHECK(fails("stat", "down", ELOOP));
	remove_all();
	unit_done("setup: down, whatever it is, unless it dangles");
}

static void
make_file(char const *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	CHECK(fd != -1);
	close(fd);
}

static void
test_wrong_kinds(void)
{
	make_file(SUPERVISE_DIR);
	CHECK(fails("create", SUPERVISE_DIR, ENOTDIR));
	remove_all();
	CHECK(symlink(SUPERVISE_DIR, SUPERVISE_DIR) == 0);
	CHECK(fails("create", SUPERVISE_DIR, ELOOP));
	remove_all();
	CHECK(mkdir(SUPERVISE_DIR, 0700) == 0);
	CHECK(mkdir(SETUP_LOCK, 0700) == 0);
	CHECK(fails("acquire", SETUP_LOCK, EISDIR));
	rmdir(SETUP_LOCK);
	make_file(CONTROL_FIFO);
	CHECK(fails("read", CONTROL_FIFO, EINVAL));
	unlink(CONTROL_FIFO);
	make_file(CONTROL_OK);
	CHECK(fails("read", CONTROL_OK, EINVAL));
	remove_all();
	unit_done("setup: things of the wrong kind are refused");
}

static void
goes_to(char const *target, char const *made)
{
	struct setup setup;

	CHECK(symlink(target, SUPERVISE_DIR) == 0);
	CHECK(setup_open(&setup) == 0);
	CHECK(mode_of(made) == (S_IFDIR | 0755));
	close_all();
	/* Once it is there it is any directory. */
	CHECK(setup_open(&setup) == 0);
	close_all();
	unlink(SETUP_LOCK);
	unlink(CONTROL_FIFO);
	unlink(CONTROL_OK);
	unlink(SUPERVISE_DIR);
	CHECK(rmdir(made) == 0);
}

static void
test_symlinks(char const *dir)
{
	char target[256];

	goes_to("elsewhere", "elsewhere");
	goes_to("a/b/../c", "a/c");
	CHECK(rmdir("a/b") == 0 && rmdir("a") == 0);
	snprintf(target, sizeof target, "%s/deep/down", dir);
	goes_to(target, "deep/down");
	CHECK(rmdir("deep") == 0);
	make_file("plain");
	CHECK(symlink("plain/below", SUPERVISE_DIR) == 0);
	CHECK(fails("create", SUPERVISE_DIR, ENOTDIR));
	unlink("plain");
	remove_all();
	unit_done("setup: a dangling symlink is made");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	close_all();
	test_made();
	test_kept();
	test_lock();
	test_lock_of_others();
	test_down_file();
	test_wrong_kinds();
	test_symlinks(dir);
	if (chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
