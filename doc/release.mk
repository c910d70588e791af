# What goes to others: a tarball of static binaries, and packages; part of the
# Makefile.

# Where the C library is musl, as on Alpine, the compiler and skalibs are those
# of the system; elsewhere musl-gcc, with a skalibs built by "make skalibs-musl".
machine := $(shell $(CC) -dumpmachine)
is_musl := $(findstring musl,$(machine))
MUSL_CC ?= $(if $(is_musl),$(CC),musl-gcc)
MUSL_SKALIBS ?= $(if $(is_musl),$(SKALIBS),build/skalibs)

skalibs-musl:
	CC=$(MUSL_CC) sh doc/skalibs-musl $(MUSL_SKALIBS) $(TARBALL)

# The same source and tools give the same bytes, wherever they are: no path, no
# time, no owner and no order of a directory gets into the tarball.
release_name := upkeep-$(VERSION)-$(firstword $(subst -, ,$(machine)))-linux
release_root := build/release/$(release_name)
musl_make     = $(MAKE) CC=$(MUSL_CC) SKALIBS=$(MUSL_SKALIBS) \
	B=build/release/build CFLAGS=-O2 LDFLAGS='-static -Wl,--build-id=none'

release:
	rm -rf $(release_root)
	umask 022 && $(musl_make) install-strip DESTDIR=$(release_root) PREFIX= \
		UNIT_BINDIR=/usr/local/bin
	install -d $(release_root)/share/doc/upkeep
	install -m 644 LICENSE README.md doc/notices.txt \
		$(release_root)/share/doc/upkeep
	tar -c -C build/release --format=ustar --sort=name --owner=0 --group=0 \
		--numeric-owner --mtime='$(DATE) 00:00Z' $(release_name) | \
		gzip -n -9 >build/$(release_name).tar.gz
	@ls -l build/$(release_name).tar.gz

# The tests, on the very binaries of the release.
test-release: release
	$(musl_make) test-programs
	cp $(release_root)/bin/* build/release/build/bin/
	sh tests/run build/release/build

# For Debian: libc linked dynamically, and its flags; skalibs is linked in.
deb_root := build/deb/root
deb_flag  = $(shell dpkg-buildflags --get $1)
deb:
	rm -rf $(deb_root)
	umask 022 && $(MAKE) MODE=shared B=build/deb/build \
		CFLAGS='$(call deb_flag,CFLAGS)' \
		CPPFLAGS='$(call deb_flag,CPPFLAGS)' \
		LDFLAGS='$(call deb_flag,LDFLAGS)' \
		install-strip DESTDIR=$(deb_root) PREFIX=/usr \
		UNITDIR=/lib/systemd
	sh doc/debian/package $(deb_root) $(VERSION) $(DATE) \
		build/upkeep_$(VERSION)_$$(dpkg --print-architecture).deb

.PHONY: deb skalibs-musl release test-release
