package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	sendTime  = 10 * time.Second
	headerMax = 16 << 10
)

// newClient makes a client that follows no redirect, uses no proxy and keeps no
// connection.
func newClient(resolve func(ctx context.Context, host string) ([]netip.Addr, error), trust *tls.Config) *http.Client {
	if resolve == nil {
		resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if trust == nil {
		trust = &tls.Config{}
	}
	trust = trust.Clone()
	trust.MinVersion = tls.VersionTLS12
	d := &dialer{resolve: resolve, net: net.Dialer{Timeout: sendTime}}
	return &http.Client{
		Timeout:       sendTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: d.DialContext, TLSClientConfig: trust, TLSHandshakeTimeout: sendTime, DisableKeepAlives: true,
			DisableCompression: true, MaxResponseHeaderBytes: headerMax, ResponseHeaderTimeout: sendTime},
	}
}

// outcome is what became of one try.
type outcome struct {
	ok        bool
	permanent bool   // trying again does not help
	words     string // for the page
}

// send makes one try. The answer's body is not read.
func send(ctx context.Context, c *http.Client, to *url.URL, secret []byte, id string, at time.Time, body []byte) outcome {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return outcome{permanent: true, words: "the address cannot be used"}
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "plumbline")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", stamp)
	if len(secret) > 0 {
		req.Header.Set("Webhook-Signature", sign(secret, id, stamp, body))
	}
	res, err := c.Do(req)
	if err != nil {
		return failed(err)
	}
	_ = res.Body.Close()
	return judge(res.StatusCode)
}

// judge says what a status means. Of 4xx, only those that ask for another time
// may go away by themselves (RFC 9110 §15.5.9, RFC 6585 §4, RFC 8470 §5.2).
func judge(status int) outcome {
	words := "it answered " + strconv.Itoa(status)
	if t := http.StatusText(status); t != "" {
		words += " " + t
	}
	switch {
	case status >= 200 && status < 300:
		return outcome{ok: true, words: words}
	case status >= 300 && status < 400:
		return outcome{permanent: true, words: words + "; redirects are not followed: enter the final address"}
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return outcome{words: words}
	case status >= 400 && status < 500:
		return outcome{permanent: true, words: words}
	}
	return outcome{words: words}
}

// failed says why no answer came, without the address: its path may be a
// secret, and the library's error quotes it.
func failed(err error) outcome {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	switch {
	case errors.Is(err, errRefused):
		return outcome{permanent: true, words: err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return outcome{words: fmt.Sprintf("no answer within %s", sendTime)}
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return outcome{words: fmt.Sprintf("no answer within %s", sendTime)}
	}
	return outcome{words: "no answer: " + clean(err.Error())}
}

// sign is the signature of the Standard Webhooks specification: HMAC-SHA-256
// over "id.timestamp.body". A secret that starts with whsec_ is base64, as its
// libraries write it; any other is taken as it is.
func sign(secret []byte, id, stamp string, body []byte) string {
	key := secret
	if text, ok := strings.CutPrefix(string(secret), "whsec_"); ok {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = b
		}
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%s.", id, stamp)
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}
