/* Replaced by rename, or in place, or left alone, and never a stranger's. */
#include "supervise/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define NAME	 "file"
#define NEW_NAME "file.new"

#define TEXT_MAX 2048

static void
check_file(char const *want)
{
	char text[TEXT_MAX + 1] = "";
	int fd = open(NAME, O_RDONLY);

	CHECK(fd != -1);
	CHECK(read(fd, text, TEXT_MAX) == (ssize_t)strlen(want));
	CHECK_STR(text, want);
	close(fd);
	CHECK(access(NEW_NAME, F_OK) == -1);
}

static ino_t
inode(void)
{
	struct stat st;

	CHECK(stat(NAME, &st) == 0);
	return st.st_ino;
}

static int
publish_words(struct published *file, char const *text)
{
	return publish(file, text, strlen(text));
}

static void
forget(struct published *file)
{
	if (file->fd != -1)
		close(file->fd);
	unlink(NAME);
}

static void
test_rename(void)
{
	struct published file;
	struct stat st;
	ino_t before;
	int reader;
	char old[8] = "";

	file = PUBLISHED(NAME);
	CHECK(file.fd == -1);
	CHECK(publish_words(&file, "one") == 0);
	check_file("one");
	CHECK(stat(NAME, &st) == 0 && (st.st_mode & 07777) == 0644);
	CHECK(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
	before = inode();
	reader = open(NAME, O_RDONLY);
	CHECK(publish_words(&file, "two and more") == 0);
	check_file("two and more");
	CHECK(inode() != before);
	CHECK(read(reader, old, sizeof old) == 3);
	CHECK_STR(old, "one");
	close(reader);
	before = inode();
	CHECK(publish_words(&file, "two and more") == 0);
	CHECK(inode() == before);
	forget(&file);
	unit_done("publish: by rename, for all to read, nothing twice");
}

static struct rlimit
limit(int resource, rlim_t value)
{
	struct rlimit before, now;

	CHECK(getrlimit((unsigned int)resource, &before) == 0);
	now = before;
	now.rlim_cur = value;
	CHECK(setrlimit((unsigned int)resource, &now) == 0);
	return before;
}

/* No descriptor for a new file: the one in place is overwritten. */
static void
test_in_place(void)
{
	struct published file;
	struct rlimit before;
	ino_t same;

	file = PUBLISHED(NAME);
	CHECK(publish_words(&file, "a longer text") == 0);
	same = inode();
	before = limit(RLIMIT_NOFILE, (rlim_t)file.fd);
	CHECK(publish_words(&file, "short") == 0);
	CHECK(publish_words(&file, "a text longer than that") == 0);
	setrlimit(RLIMIT_NOFILE, &before);
	check_file("a text longer than that");
	CHECK(inode() == same);
	forget(&file);
	unit_done("publish: in place when no descriptor is left");
}

/* A child with our memory, and descriptors of its own. */
static pid_t
publishing_child(struct published *file, char const *text)
{
	pid_t pid = vfork();

	if (pid == 0) {
		publish_words(file, text);
		_exit(0);
	}
	return pid;
}

static void
publish_in_child(struct published *file, char const *text)
{
	int fd = file->fd;
	int status;
	pid_t pid = publishing_child(file, text);

	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	file->fd = fd;
}

static void
test_after_a_child(void)
{
	struct published file;
	struct rlimit before;
	ino_t childs;
	int fd;

	file = PUBLISHED(NAME);
	CHECK(publish_words(&file, "by the parent") == 0);
	fd = file.fd;
	publish_in_child(&file, "by the child");
	check_file("by the child");
	childs = inode();
	CHECK(file.fd == fd);
	/* What is in place is overwritten, not what was before it. */
	before = limit(RLIMIT_NOFILE, (rlim_t)fd + 1);
	CHECK(open(NAME, O_RDONLY) == -1);
	CHECK(publish_words(&file, "by the parent again") == 0);
	setrlimit(RLIMIT_NOFILE, &before);
	check_file("by the parent again");
	CHECK(inode() == childs);
	/* Nor is what has its number in the child. */
	publish_in_child(&file, "twice");
	publish_in_child(&file, "twice by the child");
	CHECK(publish_words(&file, "twice by the child") == 0);
	check_file("twice by the child");
	CHECK(publish_words(&file, "renamed") == 0);
	check_file("renamed");
	CHECK(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
	forget(&file);
	unit_done("publish: after a child has published");
}

/* No room at all, as on a disk that is full to the last block. */
static void
test_no_room(void)
{
	struct published file;
	struct rlimit before;

	signal(SIGXFSZ, SIG_IGN);
	file = PUBLISHED(NAME);
	CHECK(publish_words(&file, "before") == 0);
	before = limit(RLIMIT_FSIZE, 0);
	errno = 0;
	CHECK(publish_words(&file, "after") == -1);
	CHECK(errno == EFBIG);
	CHECK(publish_words(&file, "after") == -1);
	/* Not even what is there is taken for written. */
	CHECK(publish_words(&file, "before") == -1);
	setrlimit(RLIMIT_FSIZE, &before);
	check_file("before");
	CHECK(publish_words(&file, "after") == 0);
	check_file("after");
	forget(&file);
	unit_done(
	    "publish: without room nothing changes, and it is tried again");
}

static int
in_an_unwritable_directory(void)
{
	struct published file;

	file = PUBLISHED(NAME);
	CHECK(file.fd == -1 && publish_words(&file, "in place") == 0);
	unlink(NAME);
	check_file("in place");
	file = PUBLISHED("none");
	CHECK(file.fd == -1);
	errno = 0;
	CHECK(publish_words(&file, "text") == -1);
	CHECK(errno == EACCES);
	return unit_failures != 0;
}

/* In a process of its own, which may not do what root may. */
static void
test_unwritable(void)
{
	int fd = open(NAME, O_WRONLY | O_CREAT, 0666);
	int status;
	pid_t pid;

	CHECK(fd != -1 && fchmod(fd, 0666) == 0);
	close(fd);
	CHECK(chmod(".", 0555) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) == -1)
			_exit(111);
		status = in_an_unwritable_directory();
		fflush(stdout);
		_exit(status);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(chmod(".", 0700) == 0);
	unlink(NAME);
	unit_done("publish: in place where the directory cannot be written");
}

static void
write_other(char const *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd != -1 && write(fd, "theirs", 6) == 6);
	close(fd);
}

static void
check_other(void)
{
	char text[16] = "";
	int fd = open("other", O_RDONLY);

	CHECK(fd != -1 && read(fd, text, sizeof text) == 6);
	CHECK_STR(text, "theirs");
	close(fd);
}

enum obstacle {
	A_FIFO,
	A_DIRECTORY,
	A_DANGLING_LINK,
	A_LINK_TO_ITSELF,
	A_LINK,
	A_HARD_LINK,
	A_FILE,
	OBSTACLES
};

static void
put_in_the_way(enum obstacle obstacle, char const *name)
{
	int result = 0;

	switch (obstacle) {
	case A_FIFO:
		result = mkfifo(name, 0600);
		break;
	case A_DIRECTORY:
		result = mkdir(name, 0700);
		break;
	case A_DANGLING_LINK:
		result = symlink("no/where", name);
		break;
	case A_LINK_TO_ITSELF:
		result = symlink(name, name);
		break;
	case A_LINK:
		result = symlink("other", name);
		break;
	case A_HARD_LINK:
		result = link("other", name);
		break;
	case A_FILE:
		write_other(name);
		break;
	case OBSTACLES:
		break;
	}
	CHECK(result == 0);
}

static void
test_obstacles(void)
{
	struct published file;

	write_other("other");
	for (int i = 0; i < OBSTACLES; i++) {
		put_in_the_way((enum obstacle)i, NEW_NAME);
		put_in_the_way((enum obstacle)i, NAME);
		file = PUBLISHED(NAME);
		CHECK(publish_words(&file, "ours") == 0);
		check_file("ours");
		put_in_the_way((enum obstacle)i, NEW_NAME);
		CHECK(publish_words(&file, "ours again") == 0);
		check_file("ours again");
		check_other();
		forget(&file);
	}
	unlink("other");
	unit_done("publish: whatever is in the way is replaced, not followed");
}

/* No new file can be made: what is in place is written only if it is ours. */
static void
test_obstacles_in_place(void)
{
	struct published file;

	write_other("other");
	CHECK(mkdir(NEW_NAME, 0700) == 0 && mkdir(NEW_NAME "/x", 0700) == 0);
	for (int i = 0; i < A_FILE; i++) {
		put_in_the_way((enum obstacle)i, NAME);
		file = PUBLISHED(NAME);
		CHECK(publish_words(&file, "ours") == -1 && errno == ENOTEMPTY);
		check_other();
		CHECK(remove(NAME) == 0);
	}
	CHECK(publish_words(&file, "made") == 0);
	CHECK(publish_words(&file, "rewritten") == 0);
	CHECK(rmdir(NEW_NAME "/x") == 0 && rmdir(NEW_NAME) == 0);
	check_file("rewritten");
	forget(&file);
	unlink("other");
	unit_done("publish: in place, only what is ours");
}

/* A directory that holds something is not removed. */
static void
test_full_directory(void)
{
	struct published file;

	CHECK(mkdir(NAME, 0700) == 0 && mkdir(NAME "/x", 0700) == 0);
	file = PUBLISHED(NAME);
	CHECK(publish_words(&file, "ours") == -1 && errno == ENOTEMPTY);
	CHECK(access(NEW_NAME, F_OK) == -1);
	CHECK(rmdir(NAME "/x") == 0);
	CHECK(publish_words(&file, "ours") == 0);
	check_file("ours");
	forget(&file);
	unit_done("publish: a directory that holds something stays");
}

int
main(void)
{
	char dir[] = "/tmp/upkeep.unit.XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) == -1)
		return 1;
	umask(0);
	test_rename();
	test_in_place();
	test_after_a_child();
	test_no_room();
	test_unwritable();
	test_obstacles();
	test_obstacles_in_place();
	test_full_directory();
	if (chdir("/") == -1 || rmdir(dir) == -1)
		return 1;
	return unit_exit();
}
