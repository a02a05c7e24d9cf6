package cli

import (
	"testing"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestPromptRunCountsWhatEmptyLinesBrought(t *testing.T) {
	varies := func(src string) []platform.Regex {
		re, err := platform.NewRegex(src)
		if err != nil {
			t.Fatal(err)
		}
		return []platform.Regex{re}
	}
	tests := map[string]struct {
		prompt string
		varies []platform.Regex
		text   string
		want   int
	}{
		"none":                   {"sw1#", nil, "text\n", 0},
		"one":                    {"sw1#", nil, "text\nsw1#", 1},
		"two":                    {"sw1#", nil, "text\nsw1#\nsw1#", 2},
		"blank-lines-between":    {"sw1#", nil, "text\nsw1#\n\n \nsw1#", 2},
		"only-prompts":           {"sw1#", nil, "sw1#\nsw1#", 2},
		"end-of-a-longer-line":   {"sw1#", nil, "text sw1#", 0},
		"trailing-blank-differs": {"sw1# ", nil, "text\nsw1#", 0},
		"two-lines":              {"{master:0}\nme@sw1> ", nil, "text\n\n{master:0}\nme@sw1> \n\n{master:0}\nme@sw1> ", 2},
		"second-line-alone":      {"{master:0}\nme@sw1> ", nil, "text\nme@sw1> ", 0},
		"counter":                {"sw. # ", varies(`\d+`), "text\nsw1.7 # \nsw1.8 # ", 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPrompt([]byte(tc.prompt), tc.varies)
			if got := p.run([]byte(tc.text)); len(got) != tc.want {
				t.Errorf("%d prompts, want %d", len(got), tc.want)
			}
		})
	}
}

func TestErrorLinesAreSoughtAtBothEndsOnly(t *testing.T) {
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.Get("cisco_ios")
	body := ""
	for range 30 {
		body += " description text\n"
	}
	tests := map[string]struct {
		text string
		want bool
	}{
		"alone":         {"% Invalid input detected\n", true},
		"at-the-start":  {"% Invalid input detected\n" + body, true},
		"at-the-end":    {body + "% Invalid input detected\n", true},
		"in-the-middle": {body + "% Invalid input detected\n" + body, false},
		"absent":        {body, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, got := FindError(p, []byte(tc.text)); got != tc.want {
				t.Errorf("found %v, want %v", got, tc.want)
			}
		})
	}
}
