// blog PORT: a web application that stays in the foreground, logs to standard
// output, says when it is ready, and finishes its requests when it is stopped.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

// notify tells supervise(8) a state, if a file notify-socket asks for it.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	c, err := net.Dial("unixgram", path)
	if err != nil {
		log.Print(err)
		return
	}
	defer c.Close()
	c.Write([]byte(state))
}

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	if len(os.Args) != 2 {
		log.Fatal("usage: blog port")
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello from process %d\n", os.Getpid())
		log.Printf("200 %s %s %s", r.Method, r.URL.Path, r.Proto)
	})
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Print("listening on ", l.Addr())
	notify("READY=1")

	server := &http.Server{}
	done := make(chan struct{})
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
		<-stop
		notify("STOPPING=1")
		server.Shutdown(context.Background())
		close(done)
	}()
	if err := server.Serve(l); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-done
	log.Print("stopped")
}
