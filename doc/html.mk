# All documents and manual pages as HTML, with links between them: "make html"
# writes them to build/html.  It needs mandoc and lowdown.  Part of the Makefile.

HTML  ?= build/html
texts := README.md $(wildcard doc/*.md doc/services/*.md tests/README.md)
pages := $(wildcard */*.[578])

# Where a link leads in the source: to a text or a page, which are HTML here, or
# to another file, which is copied beside them.
html:
	rm -rf $(HTML)
	for t in $(texts); do \
		o=$(HTML)/$${t%.md}.html; mkdir -p $${o%/*} && \
		lowdown -s -T html -M title="$$(sed 's/^# //; q' $$t)" $$t | \
		sh doc/html-page $$t >$$o || exit; \
	done
	for p in $(pages); do \
		o=$(HTML)/$$p.html; mkdir -p $${o%/*} && \
		mandoc -T html $$p | \
		sh doc/html-page $$p >$$o || exit; \
	done
	cp -R doc/services doc/boot doc/completions doc/debian doc/alpine \
		doc/svscan.service doc/demo doc/style.css doc/*.svg $(HTML)/doc
	cp -R LICENSE Makefile tests $(HTML)
	ln -sf README.html $(HTML)/index.html

.PHONY: html
