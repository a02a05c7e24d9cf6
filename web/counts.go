package web

import (
	"fmt"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
)

// counts is how often each verdict was said.
type counts map[compliance.Verdict]int

func countsOf(all []configstore.RuleResult) counts {
	n := counts{}
	for _, r := range all {
		n[r.Verdict]++
	}
	return n
}

func (n counts) add(v compliance.Verdict, k int) { n[v] += k }

func (n counts) total() int {
	sum := 0
	for _, k := range n {
		sum += k
	}
	return sum
}

// score is pass ÷ (pass + fail), as `plumbline check` prints it: rounded down,
// so that 100 % means that nothing fails. A dash where nothing was judged.
func (n counts) score() string {
	if d := n[compliance.Pass] + n[compliance.Fail]; d > 0 {
		return fmt.Sprintf("%.1f%%", float64(n[compliance.Pass]*1000/d)/10)
	}
	return "–"
}

// bar is the parts of what was judged; of is what it is the bar of, or "".
func (n counts) bar(of string) barView {
	if of != "" {
		of += ": "
	}
	return bar(of+num(n[compliance.Pass])+" pass, "+num(n[compliance.Fail])+" fail, "+num(n[compliance.Waived])+" waived, "+num(n[compliance.Unknown])+" unknown",
		part{n[compliance.Pass], "f-ok", false}, part{n[compliance.Fail], "", true}, part{n[compliance.Waived], "f-waived", false}, part{n[compliance.Unknown], "f-idle", false})
}

func verdictWords() []compliance.Verdict {
	return []compliance.Verdict{compliance.Fail, compliance.Unknown, compliance.Waived, compliance.Pass, compliance.NotApplicable}
}
