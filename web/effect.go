package web

import (
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
)

// effect is the rules whose verdict became another one with a revision.
type effect struct {
	broke, mended []configstore.RuleResult
	known         bool
}

// judgedWithin is how soon after a revision its verdicts are made. A verdict
// that dates from later came with new rules and not with the text.
const judgedWithin = 15 * time.Minute

// effectOf finds the verdicts that date from a revision. A verdict that has
// changed again since is not known any more, and not told.
func effectOf(r configstore.Revision, results []configstore.RuleResult) effect {
	e := effect{known: len(results) > 0}
	if r.Seq <= 1 || r.Source != configstore.Running {
		return effect{}
	}
	for _, v := range results {
		d := v.Since.Sub(r.FirstSeen)
		if d < 0 || d > judgedWithin || v.Since.After(r.LastSeen.Add(judgedWithin)) {
			continue
		}
		switch v.Verdict {
		case compliance.Fail:
			e.broke = append(e.broke, v)
		case compliance.Pass:
			e.mended = append(e.mended, v)
		}
	}
	return e
}

func effectCell(r changeRow) cell {
	v := map[string]int{"fails": len(r.Effect.broke), "fixes": len(r.Effect.mended)}
	switch {
	case len(r.Effect.broke) > 0:
		return cell{Text: "fails " + plural(len(r.Effect.broke), "rule", "rules"), Tone: "t-bad", Icon: "x", Pill: true, Value: v}
	case len(r.Effect.mended) > 0:
		return cell{Text: "fixes " + plural(len(r.Effect.mended), "rule", "rules"), Tone: "t-ok", Icon: "check", Pill: true, Value: v}
	case !r.Effect.known:
		return cell{Text: "–", Soft: true}
	}
	return cell{Text: "no effect", Tone: "t-idle", Icon: "dash", Pill: true, Value: v}
}
