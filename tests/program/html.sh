#!/bin/sh
# "make html": every document and every page, and each link leads somewhere.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

# long
test_links() {
	for program in mandoc lowdown python3; do
		command -v $program >/dev/null || skip "no $program"
	done
	MAKEFLAGS='' make -s -C "$SRC" html HTML="$T/html" B="$T/build"
	cat >follow.py <<-'END'
		import html.parser, os, sys, urllib.parse

		class Page(html.parser.HTMLParser):
		    def __init__(self, path):
		        super().__init__()
		        self.ids, self.links, self.title = set(), [], ""
		        self.feed(open(path, encoding="utf-8").read())

		    def handle_starttag(self, tag, attrs):
		        a = dict(attrs)
		        self.ids.add(a.get("id"))
		        if tag in ("a", "link") and a.get("href"):
		            self.links.append(a["href"])

		root = sys.argv[1]
		pages = {}
		for directory, _, names in os.walk(root):
		    for n in names:
		        if n.endswith(".html"):
		            path = os.path.normpath(os.path.join(directory, n))
		            pages[path] = Page(path)
		bad = 0
		for path, page in pages.items():
		    for link in page.links:
		        url = urllib.parse.urlsplit(link)
		        if url.scheme:
		            continue
		        to = os.path.normpath(os.path.join(os.path.dirname(path),
		            urllib.parse.unquote(url.path))) if url.path else path
		        if not os.path.exists(to):
		            print(path, "leads to", link, "which is not there")
		            bad += 1
		        elif url.fragment and to in pages and \
		            urllib.parse.unquote(url.fragment) not in pages[to].ids:
		            print(path, "leads to", link, "without that place")
		            bad += 1
		print(len(pages), "pages")
		sys.exit(bad > 0 or len(pages) < 20)
	END
	python3 follow.py html
	has '<a href="../supervise/supervise.8.html">supervise(8)</a>' \
	    html/svc/svc.8.html
}

run_tests "$@"
