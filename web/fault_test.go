package web

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestWhatGoesWrongInsideStaysInTheLog(t *testing.T) {
	tests := map[string]struct {
		err    error
		status int
		inBody string
		inLog  string
	}{
		"a-fault-of-ours":  {errors.New("open /var/lib/x.db: disk is full"), http.StatusInternalServerError, "Something went wrong on our side", "disk is full"},
		"a-device-in-hand": {fmt.Errorf("%w: 1", ErrBusy), http.StatusConflict, "being backed up already", ""},
	}
	for name, tt := range tests {
		for _, path := range []string{"/api/v1/devices/01DEVICE003/backup", "/devices/01DEVICE003/backup"} {
			t.Run(name+path[:4], func(t *testing.T) {
				w := newWorld(4)
				w.backupErr = tt.err
				s := newTestServer(t, w)
				var log bytes.Buffer
				s.Log = slog.New(slog.NewJSONHandler(&log, nil))
				got := client{t: t, s: s, role: "operator", bearer: strings.HasPrefix(path, "/api")}.post(path, url.Values{})
				if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.inBody) {
					t.Errorf("answers %d, %s; want %d and %q", got.Code, got.Body, tt.status, tt.inBody)
				}
				if strings.Contains(got.Body.String(), "disk") {
					t.Errorf("shows what went wrong inside: %s", got.Body)
				}
				if !strings.Contains(log.String(), tt.inLog) || tt.inLog == "" && strings.Contains(log.String(), "request failed") {
					t.Errorf("the log holds %s, want %q", log.String(), tt.inLog)
				}
			})
		}
	}
}
