#!/bin/sh
# doc/status-page.md; and the page itself in a real browser.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

blog='
install -D /tmp/tool/http_hello /srv/blog/blog
mkdir /service
svscan /service >/tmp/svscan.log 2>&1 &
cp -a doc/services/blog /srv/
install -d -o www-data -g www-data /srv/blog/log/main
ln -s /srv/blog /service/
svc -wu -T 30000 /service/blog /service/blog/log
'

# long
test_page() {
	world="needs curl lighttpd python3 openssl; $blog"
	{ set +x; } 2>/dev/null
	extract status-page >examples
	cat >>examples <<-'END'
		python3 -c 'import prometheus_client' 2>/dev/null || exit 0
		/usr/bin/python3 -c '
		import prometheus_client.parser as p
		text = open("/tmp/collector/services.prom").read()
		found = list(p.text_string_to_metric_families(text))
		assert len(found) == 6 and all(len(m.samples) == 2 for m in found)
		' || { cat /tmp/collector/services.prom; exit 1; }
	END
	set -x
	run_examples
}

# Pressed by chromedriver, which is told what to do by HTTP.
browse() {
	cat <<'END'
needs chromium chromedriver jq
set -e
mkdir /dev/shm 2>/dev/null || :
chromedriver --port=9515 >/tmp/driver.log 2>&1 &
tell() {
	curl -sS -X "$1" "http://127.0.0.1:9515$2" ${3:+-d "$3"}
}
within curl -s -o /dev/null http://127.0.0.1:9515/status
session=/session/$(tell POST /session '{"capabilities": {"alwaysMatch":
    {"goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox",
    "--disable-gpu", "--disable-dev-shm-usage", "--window-size=900,700",
    "--user-data-dir=/tmp/profile"]}}}}' | jq -r .value.sessionId)
visit() {
	tell POST "$session/url" "{\"url\": \"$1\"}" >/tmp/visited
}
source_of_page() {
	tell GET "$session/source" | jq -r .value
}
screenshot() {
	tell GET "$session/screenshot" | jq -r .value | base64 -d >"$1"
	[ "$(head -c 4 "$1" | tail -c 3)" = PNG ]
}
press() {
	element=$(tell POST "$session/element" "{\"using\": \"css selector\",
	    \"value\": \"#blog button[value=$1]\"}" |
	    jq -r '.value | to_entries[0].value')
	tell POST "$session/element/$element/click" '{}' >/tmp/pressed
	! grep '"error"' /tmp/pressed
}
visit http://admin:wrong@127.0.0.1:9001/
source_of_page | grep -q '<h2>blog' && exit 1
visit http://admin:secret@127.0.0.1:9001/
source_of_page | grep -q '<h2>blog'
screenshot /tmp/wide.png
old=$(svstat -o pid /service/blog)
within press restart
anew() {
	[ "$(svstat -o up /service/blog)" = true ] &&
	    [ "$(svstat -o pid /service/blog)" != "$old" ]
}
within anew
within press stop
stopped() {
	[ "$(svstat -o state /service/blog)" = down ]
}
within stopped
tell POST "$session/window/rect" '{"width": 400, "height": 700}' >/tmp/resized
visit http://127.0.0.1:9001/
screenshot /tmp/narrow.png
cat >/tmp/evil.html <<EOF
<form method=post action="http://127.0.0.1:9001/"><input name=service value=blog>
<input name=do value=start><div id=blog><button value=evil>go</button></div></form>
EOF
(cd /tmp && exec python3 -m http.server -b 127.0.0.1 8099 >/tmp/evil.log 2>&1) &
within curl -s -o /dev/null http://127.0.0.1:8099/evil.html
visit http://127.0.0.1:8099/evil.html
within press evil
refused() {
	source_of_page | grep -q 'Refused'
}
within refused
stopped
tell DELETE "$session" >/dev/null
END
}

# long
test_browser() {
	world="needs curl lighttpd python3 openssl; $blog"
	{ set +x; } 2>/dev/null
	extract status-page 'Set it up' >examples
	browse >>examples
	set -x
	run_examples
}

run_tests "$@"
