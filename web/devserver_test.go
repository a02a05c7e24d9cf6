package web

import (
	"net/http"
	"os"
	"strconv"
	"testing"
)

// TestServeFakes serves the fakes on PLUMBLINE_WEB_FAKES (such as
// 127.0.0.1:8099) with PLUMBLINE_WEB_DEVICES devices, for a look in a browser.
// Without the variable it does nothing. ?role signs in.
func TestServeFakes(t *testing.T) {
	addr := os.Getenv("PLUMBLINE_WEB_FAKES")
	if addr == "" {
		return
	}
	n, err := strconv.Atoi(os.Getenv("PLUMBLINE_WEB_DEVICES"))
	if err != nil {
		n = 24
	}
	w := newWorld(n)
	s := newTestServer(t, w)
	h := s.HTTP()
	h.Addr = addr
	h.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie(sessionCookie); err != nil && r.URL.Path != "/login" && r.URL.Path != "/setup" && os.Getenv("PLUMBLINE_WEB_LOGIN") == "" {
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: "as-admin"})
		}
		w.noAdmin = r.URL.Path == "/setup"
		s.ServeHTTP(rw, r)
	})
	t.Log(h.ListenAndServe())
}
