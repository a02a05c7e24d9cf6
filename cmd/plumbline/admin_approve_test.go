package main

import (
	"strings"
	"testing"
)

func TestARevisionIsApprovedByNameAndOnlyOneOfTheDevice(t *testing.T) {
	dir, revs := keep(t)
	tests := map[string]struct {
		args []string
		code int
		out  string
	}{
		"newest":           {[]string{"core1", "--by", "anna"}, 0, "core1.example.net " + string(revs[len(revs)-1].ID) + " approved by anna\n"},
		"an-older-one":     {[]string{"core1", "--revision", string(revs[0].ID), "--by", "anna"}, 0, "core1.example.net " + string(revs[0].ID) + " approved by anna\n"},
		"by-nobody":        {[]string{"core1"}, 2, ""},
		"no-such-device":   {[]string{"core9", "--by", "anna"}, 2, ""},
		"no-such-revision": {[]string{"core1", "--revision", "01NONE", "--by", "anna"}, 2, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, code, err := ask(t, append([]string{"admin", "approve", "--data", dir}, tt.args...)...)
			if code != tt.code || !strings.HasPrefix(out, tt.out) {
				t.Errorf("exit %d, %q, %v; want %d, %q", code, out, err, tt.code, tt.out)
			}
		})
	}
	if out, code, err := ask(t, "admin", "verify", "--data", dir); code != 0 {
		t.Errorf("verify: exit %d, %q, %v", code, out, err)
	}
}
