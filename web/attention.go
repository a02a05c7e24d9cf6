package web

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

const attentionMax = 7

// attention groups what is wrong by its cause: never a row a device for one
// cause. Each count is the length of the list its button opens. Rules that fail
// get what room is left: of a hundred broken ones, what is not saved must still
// be seen.
func (s *Server) attention(ctx context.Context, f fleet) ([]attentionView, error) {
	var last []attentionView
	if v, ok := notSaved(f, s.Now()); ok {
		last = append(last, v)
	}
	if v, ok := notApproved(f, s.Now()); ok {
		last = append(last, v)
	}
	n, err := s.openCandidates(ctx)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		last = append(last, attentionView{Tone: "t-info", Icon: "plus", Title: plural(n, "neighbour is", "neighbours are") + " not in the inventory",
			Text: "Seen by a discovery protocol, matched by no device", Count: plural(n, "row", "rows"), N: n, Href: "/discovery/candidates", Action: "See them"})
	}
	out := failedBackups(f, s.Now())
	out = out[:min(len(out), attentionMax-len(last)-1)]
	out = append(out, atMost(failingRules(f), attentionMax-len(last)-len(out), countsOf(f.Results)[compliance.Fail])...)
	return append(out, last...), nil
}

// atMost gives the first rules and, where there are more than room, one row for
// the rest.
func atMost(rules []attentionView, room, fails int) []attentionView {
	if len(rules) <= room {
		return rules
	}
	more := len(rules) - room + 1
	return append(rules[:room-1:room-1], attentionView{Tone: "t-bad", Icon: "shield-x", Title: plural(more, "more rule is broken", "more rules are broken"),
		Text: "The list holds every verdict that fails", Count: plural(fails, "verdict", "verdicts"), N: fails, Href: "/compliance/results?verdict=fail", Action: "See all"})
}

func failedBackups(f fleet, now time.Time) []attentionView {
	by := map[netdev.Reason]int{}
	newest := map[netdev.Reason]time.Time{}
	for _, r := range f.Rows {
		if r.Backup == "failed" {
			by[r.Reason]++
			if t := r.State.LastAttempt.Ended; t.After(newest[r.Reason]) {
				newest[r.Reason] = t
			}
		}
	}
	var out []attentionView
	for reason, n := range by {
		tone, icon, words := reasonLook(reason)
		out = append(out, attentionView{Tone: tone, Icon: icon, Title: "Backup failed on " + plural(n, "device", "devices") + ": " + words,
			Text: string(reason) + ", last tried " + when{newest[reason], now}.Age(), Count: plural(n, "device", "devices"), N: n,
			Href: "/devices?q=" + url.QueryEscape("backup:failed reason:"+string(reason)), Action: "Review"})
	}
	slices.SortFunc(out, func(a, b attentionView) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Title, b.Title))
	})
	return out
}

func failingRules(f fleet) []attentionView {
	type group struct {
		rule, title string
		severity    compliance.Severity
		n           int
	}
	by := map[string]*group{}
	for _, r := range f.Results {
		if r.Verdict != compliance.Fail || weight(r.Severity) < weight(compliance.High) {
			continue
		}
		if by[r.Rule] == nil {
			by[r.Rule] = &group{rule: r.Rule, title: r.Title, severity: r.Severity}
		}
		by[r.Rule].n++
	}
	var groups []*group
	for _, g := range by {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(weight(b.severity), weight(a.severity)), cmp.Compare(b.n, a.n), cmp.Compare(a.rule, b.rule))
	})
	var out []attentionView
	for _, g := range groups {
		out = append(out, attentionView{Tone: "t-bad", Icon: "shield-x", Title: "Rule broken: " + said(g.title), Text: "Rule " + said(g.rule) + ", " + string(g.severity),
			Count: plural(g.n, "device", "devices"), N: g.n, Href: "/compliance/results?verdict=fail&rule=" + url.QueryEscape(g.rule), Action: "Review"})
	}
	return out
}

func notSaved(f fleet, now time.Time) (attentionView, bool) {
	n, href := f.count("saved:no", now)
	if n == 0 {
		return attentionView{}, false
	}
	var longest deviceRow
	for _, r := range f.Rows {
		if r.Unsaved > 0 && (longest.Since.IsZero() || r.Since.Before(longest.Since)) {
			longest = r
		}
	}
	return attentionView{Tone: "t-warn", Icon: "unsaved", Title: "Running configuration not saved on " + plural(n, "device", "devices"),
		Text:  "Longest: " + longest.name() + ", since " + when{longest.Since, now}.Short() + ". A reload would lose " + plural(longest.Unsaved, "change", "changes"),
		Count: plural(n, "device", "devices"), N: n, Href: href, Action: "See them"}, true
}

func notApproved(f fleet, now time.Time) (attentionView, bool) {
	n, href := f.count("approved:no", now)
	if n == 0 {
		return attentionView{}, false
	}
	var longest deviceRow
	for _, r := range f.Rows {
		if r.Unapproved > 0 && (longest.Strayed.IsZero() || r.Strayed.Before(longest.Strayed)) {
			longest = r
		}
	}
	return attentionView{Tone: "t-warn", Icon: "drift", Title: "Running configuration is not the approved one on " + plural(n, "device", "devices"),
		Text:  "Longest: " + longest.name() + ", since " + when{longest.Strayed, now}.Short(),
		Count: plural(n, "device", "devices"), N: n, Href: href, Action: "See them"}, true
}
