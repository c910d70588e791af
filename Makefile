# upkeep: seven small programs that keep services up.
#
#   make [MODE=static|shared|san] [SKALIBS=/prefix] [WERROR=-Werror] [V=1]
#   make run | test | clean
#   make install | install-strip | uninstall [PREFIX= BINDIR= MANDIR= DESTDIR=]
#   make skalibs-musl | release | deb
#
# Each program is its list of objects; a module x is x.c and x.h in the
# directory of the program that owns it.  Those that speak to supervise share
# its modules; the other three share only the words for an errno.

svscan    := svscan rescan watch service logger spawn table files \
	supervise/setup supervise/message supervise/error
supervise := supervise state run ready finish adopt process options \
	timer setup publish status report control message error
client    := supervise/control supervise/status supervise/report \
	supervise/message supervise/error supervise/client
svc       := svc request target goal wait $(client)
svstat    := svstat view fields text $(client)
multilog  := multilog script setup lines select stamp spool sink logdir \
	rotation current rotate message supervise/error
setlock   := setlock supervise/error
softlimit := softlimit supervise/error
programs  := svscan supervise svc svstat multilog setlock softlimit

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
CFLAGS ?= -O2 -g
MODE   ?= static
B      := build$(if $(filter-out static,$(MODE)),/$(MODE))

# skalibs: from the compiler's search path, or SKALIBS=/prefix, or both
# variables below given by hand.
SKALIBS ?=
SKALIBS_CPPFLAGS ?= $(if $(SKALIBS),-isystem $(SKALIBS)/include)
archives := $(if $(SKALIBS),$(wildcard $(SKALIBS)/lib/libskarnet.a \
	$(SKALIBS)/lib/skalibs/libskarnet.a),$(filter /%,$(shell \
	$(CC) -print-file-name=libskarnet.a)) $(wildcard \
	/usr/lib/skalibs/libskarnet.a))
SKALIBS_LIBS ?= $(firstword $(archives) -lskarnet)

# libc linked in wherever the tool chain can: the binary runs in any container.
# Nothing in it is bound at run time; read-only relocations would only give each
# process its own copy of two pages more.
mkbuild := $(shell mkdir -p $(B))
static  := -static -Wl,-z,norelro
LINK_static := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) $(static) -x c -o $(B)/probe - 2>/dev/null && echo $(static))
LINK_shared :=
LINK_san    := -fsanitize=address,undefined
CC_san      := $(LINK_san) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DSANITIZED

VERSION := 0.1
# Of the files in a release.
DATE    := 2026-11-28
warnings := -Wall -Wextra -Wshadow -Wswitch-enum -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes
flags := -std=c11 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I. \
	$(SKALIBS_CPPFLAGS) $(warnings)
COMPILE = $(CC) $(flags) $(WERROR) $(CPPFLAGS) -ffile-prefix-map='$(CURDIR)=.' \
	$(CC_$(MODE)) $(CFLAGS) -MMD -MP
LINK = $(CC) $(CFLAGS) $(LINK_$(MODE)) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	$(SKALIBS_LIBS)

# A line like "CC supervise/state.o" for each command; with V=1, the command.
Q    := $(if $(V),,@)
say  := $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),true,echo)
tell  = @mkdir -p $(@D); $(say) '$1 $(@:$B/%=%)'

objects = $(foreach o,$($1),$B/$(if $(findstring /,$o),,$1/)$o.o)
formats := supervise/supervise-status.5 supervise/servicedir.5

all: $(programs:%=$B/bin/%) $B/bin/svok

$(foreach p,$(programs),$(eval $B/bin/$p: $(call objects,$p)))
$(programs:%=$B/bin/%):
	$(call tell,LINK)
	$Q$(LINK)

$B/bin/svok: $B/bin/svstat
	$Qln -sf svstat $@

$B/%.o: %.c Makefile
	$(call tell,CC)
	$Q$(COMPILE) -c -o $@ $<

# The blog that is the service of "make run".
$B/doc/http_hello: $B/doc/http_hello.o
	$(call tell,LINK)
	$Q$(LINK)

run: $(patsubst %,$B/bin/%,svscan supervise svc svstat multilog) \
    $B/doc/http_hello
	$Qsh doc/demo $B

INSTALL_PROGRAM := install
install-strip: INSTALL_PROGRAM := install -s
install install-strip: all install-doc
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(MANDIR)/man5
	$(INSTALL_PROGRAM) -m 755 $(programs:%=$B/bin/%) $(DESTDIR)$(BINDIR)
	install -m 644 $(foreach p,$(programs),$p/$p.8) $(DESTDIR)$(MANDIR)/man8
	install -m 644 $(formats) $(DESTDIR)$(MANDIR)/man5
	ln -sf svstat $(DESTDIR)$(BINDIR)/svok
	ln -sf svstat.8 $(DESTDIR)$(MANDIR)/man8/svok.8

uninstall: uninstall-doc
	rm -f $(foreach p,$(programs) svok,$(DESTDIR)$(BINDIR)/$p \
		$(DESTDIR)$(MANDIR)/man8/$p.8) \
		$(formats:supervise/%=$(DESTDIR)$(MANDIR)/man5/%)

clean:
	rm -rf build

include doc/html.mk doc/install.mk doc/release.mk tests/rules.mk
-include $(shell find build -name '*.d' -type f 2>/dev/null)
.PHONY: all run install install-strip uninstall clean
.SECONDARY:
