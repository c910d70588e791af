# What "make install" puts beside the programs and their pages: the overview,
# completions, and systemd units that nobody enables; part of the Makefile.

DATADIR ?= $(PREFIX)/share
UNITDIR ?= $(PREFIX)/lib/systemd
# where the units look for the programs
UNIT_BINDIR ?= $(BINDIR)

completed := svc svstat svok svscan multilog setlock softlimit
bash_dir   = $(DATADIR)/bash-completion/completions
zsh_dir    = $(DATADIR)/zsh/site-functions
fish_dir   = $(DATADIR)/fish/vendor_completions.d
place_unit = sed 's|/usr/local/bin/|$(UNIT_BINDIR)/|' $1 >$(DESTDIR)$2 && \
	chmod 644 $(DESTDIR)$2

install-doc:
	install -d $(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(bash_dir) \
		$(DESTDIR)$(zsh_dir) $(DESTDIR)$(fish_dir) \
		$(DESTDIR)$(UNITDIR)/system $(DESTDIR)$(UNITDIR)/user
	install -m 644 doc/upkeep.7 $(DESTDIR)$(MANDIR)/man7
	install -m 644 doc/completions/upkeep.bash $(DESTDIR)$(bash_dir)/svc
	install -m 644 doc/completions/_upkeep $(DESTDIR)$(zsh_dir)
	install -m 644 doc/completions/upkeep.fish $(DESTDIR)$(fish_dir)/svc.fish
	for p in $(filter-out svc,$(completed)); do \
		ln -sf svc $(DESTDIR)$(bash_dir)/$$p && \
		ln -sf svc.fish $(DESTDIR)$(fish_dir)/$$p.fish || exit; \
	done
	$(call place_unit,doc/svscan.service,$(UNITDIR)/system/svscan.service)
	$(call place_unit,doc/boot/svscan-user.service,$(UNITDIR)/user/svscan.service)

uninstall-doc:
	rm -f $(DESTDIR)$(MANDIR)/man7/upkeep.7 $(DESTDIR)$(zsh_dir)/_upkeep \
		$(completed:%=$(DESTDIR)$(bash_dir)/%) \
		$(completed:%=$(DESTDIR)$(fish_dir)/%.fish) \
		$(DESTDIR)$(UNITDIR)/system/svscan.service \
		$(DESTDIR)$(UNITDIR)/user/svscan.service

.PHONY: install-doc uninstall-doc
