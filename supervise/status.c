/*
 * Stamps are TAI64N with a constant offset, as every reader of this file
 * expects. A library that counts leap seconds would be 27 seconds off.
 */
#include "supervise/status.h"

#include <errno.h>
#include <fcntl.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

/* TAI64 label of the Unix epoch: 2^62 + 10. */
#define TAI64_UNIX_EPOCH ((UINT64_C(1) << 62) + 10)

void
status_pack(char *record, struct status const *status)
{
	uint64_t sec = TAI64_UNIX_EPOCH + (uint64_t)status->since.tv_sec;

	uint64_pack_big(record, sec);
	uint32_pack_big(record + 8, (uint32_t)status->since.tv_nsec);
	uint32_pack(record + 12, status->pid);
	record[16] = status->paused;
	record[17] = status->want;
	record[18] = status->term_sent;
	record[19] = (char)status->run;
}

int
status_unpack(struct status *status, char const *record, size_t len)
{
	uint64_t sec;
	uint32_t nsec;

	if (len < STATUS_CLASSIC) {
		errno = EPROTO;
		return -1;
	}
	uint64_unpack_big(record, &sec);
	uint32_unpack_big(record + 8, &nsec);
	uint32_unpack(record + 12, &status->pid);
	status->since.tv_sec = (time_t)(sec - TAI64_UNIX_EPOCH);
	status->since.tv_nsec = nsec;
	status->paused = record[16] != 0;
	status->want = record[17];
	status->term_sent = false;
	status->run = status->pid ? STATUS_RUNNING : STATUS_DOWN;
	/* daemontools-encore's 20 bytes end in 0, whether there is a pid or
	 * not. */
	if (len == STATUS_SIZE && record[19] >= 1 && record[19] <= 2) {
		status->term_sent = record[18] != 0;
		status->run = (enum status_run)record[19];
	}
	return 0;
}

int
status_read(struct status *status)
{
	char record[STATUS_SIZE + 1];
	int fd = open2(STATUS_FILE, O_RDONLY | O_NONBLOCK);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = fd_read(fd, record, sizeof record);
	fd_close(fd);
	return n == -1 ? -1 : status_unpack(status, record, (size_t)n);
}

void
status_stamp(char text[STATUS_STAMP], struct timespec const *time)
{
	size_t n = 0;

	text[n++] = '@';
	n += uint640_xfmt(
	    text + n, TAI64_UNIX_EPOCH + (uint64_t)time->tv_sec, 16);
	n += uint320_xfmt(text + n, (uint32_t)time->tv_nsec, 8);
	text[n] = 0;
}

uint64_t
status_age(struct timespec const *since, time_t now)
{
	return since->tv_sec < now ? (uint64_t)now - (uint64_t)since->tv_sec
				   : 0;
}
