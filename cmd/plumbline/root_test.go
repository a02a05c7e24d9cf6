package main

import (
	"slices"
	"testing"
)

func TestExcludedTargetsAreNotTakenForFlags(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"address":        {"-192.0.2.1", "!192.0.2.1"},
		"prefix":         {"-192.0.2.0/24", "!192.0.2.0/24"},
		"range":          {"-192.0.2.1-192.0.2.9", "!192.0.2.1-192.0.2.9"},
		"file":           {"-@not.txt", "!@not.txt"},
		"ipv6":           {"-2001:db8::1", "!2001:db8::1"},
		"short-flag":     {"-v", "-v"},
		"long-flag":      {"--json", "--json"},
		"standard-input": {"-", "-"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := rewriteExcludes([]string{tc.in}); !slices.Equal(got, []string{tc.want}) {
				t.Errorf("rewriteExcludes(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestDeviceTextCannotSteerATerminal(t *testing.T) {
	if got, want := printable("a\x1b[2Jb\u202ec"), `a\u001b[2Jb\u202ec`; got != want {
		t.Errorf("printable = %q, want %q", got, want)
	}
}
