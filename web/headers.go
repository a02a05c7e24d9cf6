package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const requestKey = "request-id"

// outer runs before routing: security headers on every answer, a request id,
// the Host allow-list and the limit of a body.
func (s *Server) outer(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		id := requestID()
		c.Set(requestKey, id)
		h.Set("X-Request-Id", id)
		r := c.Request()
		if !s.hosts[hostOf(r.Host)] {
			return echo.NewHTTPError(http.StatusMisdirectedRequest, "this server does not answer for that host name")
		}
		if r.Method == http.MethodTrace || r.Method == http.MethodConnect {
			return echo.ErrMethodNotAllowed
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, bodyMax)
		return next(c)
	}
}

func requestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return hex.EncodeToString(b[:])
}

// hostList names the hosts that are answered: the loopback, so that a foreign
// name that resolves to it (DNS rebinding) is refused, and those of settings.
func hostList(more []string) map[string]bool {
	m := map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}
	for _, h := range more {
		m[strings.ToLower(h)] = true
	}
	return m
}

func hostOf(h string) string {
	if host, _, err := net.SplitHostPort(h); err == nil {
		h = host
	}
	return strings.ToLower(strings.Trim(h, "[]"))
}

// peer is the address of the other end of the connection. Headers of a client
// that tell another one mean nothing.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// sameOrigin says whether the browser itself vouches that a request came from
// a page of ours. A client that is no browser sends neither header and is let
// through here: it has no cookie jar to be abused.
func sameOrigin(r *http.Request, secure bool) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return fmt.Errorf("the request came from another site (%s)", site)
	}
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	if o := r.Header.Get("Origin"); o != "" && !strings.EqualFold(o, scheme+r.Host) {
		return fmt.Errorf("the request came from another origin")
	}
	if r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return fmt.Errorf("the request does not say where it came from")
	}
	return nil
}
