#!/bin/sh
# doc/alarms.md, with a mail server that is down at first, and a web server that
# refuses the first call.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

# long
test_alarms() {
	world='
needs python3 curl msmtp
python3 -c "import aiosmtpd" || skipping "no aiosmtpd"
cat >/tmp/hook.py <<"END"
import http.server
class H(http.server.BaseHTTPRequestHandler):
    refused = False
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not H.refused:
            H.refused = True
            self.send_error(503)
            return
        with open("/tmp/hook", "ab") as f:
            f.write(body)
        self.send_response(204)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8090), H).serve_forever()
END
python3 /tmp/hook.py >/tmp/hook.log 2>&1 &
mkdir -p /service
cp -a doc/services/blog /srv/
install -D /tmp/tool/http_hello /srv/blog/blog
install -d -o www-data -g www-data /srv/blog/log/main
svscan /service >/tmp/svscan.log 2>&1 &
ln -s /srv/blog /service/
svc -wu -T 30000 /service/blog /service/blog/log
'
	{ set +x; } 2>/dev/null
	extract alarms >examples
	given_up >>examples
	set -x
	run_examples
}

# A service that is given up, and the log service of the page: the mail.
given_up() {
	cat <<'END'
pkill -TERM -x svscan
gone() {
	! pgrep -x svscan >/dev/null
}
within gone
mkdir -p /srv/flap
printf '#!/bin/sh\nexit 1\n' >/srv/flap/run
chmod 755 /srv/flap/run
echo 0 60 >/srv/flap/restart-limit
ln -s /srv/flap /service/
svscan /service .log >/tmp/again.log 2>&1 &
said() {
	grep -q 'flap: restart limit reached' /service/.log/alarms/current
}
within said || { cat /tmp/again.log; exit 1; }
svc -a /service/.log
mailed() {
	grep -q 'flap: restart limit reached' /srv/mail/box/new/*
}
within mailed || exit 1
END
}

run_tests "$@"
