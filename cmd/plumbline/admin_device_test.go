package main

import (
	"strings"
	"testing"
)

func TestPlatformIsSetByHandForAllOrNone(t *testing.T) {
	dir, _ := keep(t)
	tests := map[string]struct {
		args []string
		code int
		out  string
	}{
		"set":           {[]string{"core1", "--platform", "frr", "--kind", "router", "--tag", "a,b"}, 0, "core1.example.net platform=frr kind=router tags=a,b\n"},
		"no-such":       {[]string{"core1", "core9", "--platform", "linux"}, 2, ""},
		"unknown":       {[]string{"core1", "--platform", "acme"}, 2, ""},
		"unknown-kind":  {[]string{"core1", "--kind", "toaster"}, 2, ""},
		"nothing-to-do": {[]string{"core1"}, 2, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, code, err := ask(t, append([]string{"admin", "device", "set", "--data", dir}, tt.args...)...)
			if code != tt.code || out != tt.out {
				t.Errorf("exit %d, %q, %v; want %d, %q", code, out, err, tt.code, tt.out)
			}
		})
	}
	out, _, err := ask(t, "admin", "device", "set", "--data", dir, "core1", "--role", "edge")
	if !strings.HasPrefix(out, "core1.example.net platform=frr kind=router") {
		t.Errorf("%q, %v: want what was set before to be there still", out, err)
	}
	out, _, err = ask(t, "admin", "device", "set", "--data", dir, "core1", "--platform", "")
	if strings.Contains(out, "platform") {
		t.Errorf("%q, %v: want the platform given back", out, err)
	}
}
