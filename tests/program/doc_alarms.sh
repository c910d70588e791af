#!/bin/sh
# doc/alarms.md, with a mail server that is down at first, and a web server that
# refuses the first call.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/doc.sh
. "$SRC/tests/doc.sh"

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
svscan /service >/tmp/svscan.log 2>&1 &
'
	page alarms
}

run_tests "$@"
