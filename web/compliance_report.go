package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// sheetMax bounds the rows of one part of the printed list; the rest is in the
// CSV, and the sheet says so.
const sheetMax = 1000

// reportView is the compliance list on paper.
type reportView struct {
	page
	Scope, By       string
	Made            when
	Score           string
	Counts          []facetItem
	Bar             barView
	Revisions       []reportRevision
	RevisionHash    string
	Stale           int
	Parts           []reportPart
	NoText          []string // devices that have no configuration
	NotAsked        []string // packs of which no rule was asked
	Packs           []reportPack
	Results, Filter string // the list behind it
	Empty           bool
}

type reportPack struct {
	Title, Version, Hash string
	Rules                int
}

type reportRevision struct {
	Device, Revision, SHA256 string
	Confirmed                when
	Stale                    bool
}

// reportPart is the verdicts of one kind.
type reportPart struct {
	Title, Text, Tone, Icon string
	Rows                    []reportRow
	More                    int
	None                    string
}

type reportRow struct{ Severity, Rule, Title, Device, Where, Line string }

// complianceReport answers GET /reports/compliance: what was judged, on which
// revisions, with what is not known told as loudly as what is.
func (s *Server) complianceReport(c echo.Context) error {
	ctx, q := c.Request().Context(), c.QueryParams()
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	states, err := s.Store.States(ctx)
	if err != nil {
		return err
	}
	want := configstore.ResultFilter{Pack: q.Get("pack")}
	v := &reportView{page: page{Title: "Compliance list", Area: "/compliance"}, Scope: "All devices", By: said(viewerOf(c).User), Made: when{s.Now(), s.Now()}, Results: with("/compliance/results", q, "", "")}
	for key, into := range map[string]**string{"site": &want.Site, "role": &want.Role} {
		if got, ok := q[key]; ok {
			*into = &got[0]
			v.Scope = strings.ToUpper(key[:1]) + key[1:] + " " + said(cmp.Or(got[0], "none"))
		}
	}
	results, err := s.Store.Results(ctx, want)
	if err != nil {
		return err
	}
	devices = slices.DeleteFunc(slices.Clone(devices), func(d netdev.Device) bool {
		return want.Site != nil && d.Site != *want.Site || want.Role != nil && d.Role != *want.Role
	})
	v.Empty = len(results) == 0
	v.Counts, v.Bar, v.Score = verdictCounts(results, c)
	v.revisions(devices, states, s)
	v.parts(devices, results)
	v.packs(s.Compliance.Packs(), results, want.Pack)
	return s.render(c, http.StatusOK, "report-compliance", v)
}

// revisions lists what was judged, and names the list by one hash, so that two
// sheets that speak of the same texts can be told from two that do not.
func (v *reportView) revisions(devices []netdev.Device, states map[netdev.DeviceID]configstore.DeviceState, s *Server) {
	h := sha256.New()
	slices.SortFunc(devices, func(a, b netdev.Device) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range devices {
		name := cmp.Or(said(d.Name), d.Address.String())
		st := states[d.ID]
		if st.Running == nil {
			v.NoText = append(v.NoText, name)
			continue
		}
		r := st.Running.Revision
		fmt.Fprintf(h, "%s %s %s\n", d.ID, r.ID, r.SHA256)
		v.Revisions = append(v.Revisions, reportRevision{Device: name, Revision: said(string(r.ID)), SHA256: r.SHA256, Confirmed: when{st.Running.ConfirmedAt, s.Now()}, Stale: st.Freshness == configstore.Stale})
		v.Stale += b2i(st.Freshness == configstore.Stale)
	}
	v.RevisionHash = hex.EncodeToString(h.Sum(nil))
}

func (v *reportView) parts(devices []netdev.Device, results []configstore.RuleResult) {
	names := map[netdev.DeviceID]string{}
	for _, d := range devices {
		names[d.ID] = cmp.Or(said(d.Name), d.Address.String())
	}
	slices.SortStableFunc(results, func(a, b configstore.RuleResult) int {
		return cmp.Or(cmp.Compare(weight(b.Severity), weight(a.Severity)), strings.Compare(a.Rule, b.Rule), strings.Compare(names[a.Device], names[b.Device]))
	})
	for _, p := range []struct {
		verdict           compliance.Verdict
		title, text, none string
	}{
		{compliance.Fail, "Failing", "Rules that do not hold, the most severe first, with the first line that proves it.", "Nothing fails."},
		{compliance.Waived, "Waived", "Rules that do not hold, and may not for a while.", "Nothing is waived."},
		{compliance.Unknown, "Not assessed", "Rules that were asked and could not be answered. They are in no score.", "Every rule that was asked has an answer."},
	} {
		tone, icon := verdictLook(p.verdict)
		part := reportPart{Title: p.title, Text: p.text, Tone: tone, Icon: icon, None: p.none}
		for _, r := range results {
			switch {
			case r.Verdict != p.verdict:
				continue
			case len(part.Rows) == sheetMax:
				part.More++
				continue
			}
			row := reportRow{Severity: string(r.Severity), Rule: said(r.Rule), Title: said(r.Title), Device: cmp.Or(names[r.Device], said(string(r.Device))), Where: said(r.Reason)}
			if len(r.Evidence) > 0 {
				row.Where, row.Line = "line "+num(r.Evidence[0].Line), visible(r.Evidence[0].Text)
			}
			if w := r.Waiver; w != nil {
				row.Where = "until " + w.Expires.AddDate(0, 0, -1).Format("2006-01-02") + ": " + said(w.Reason)
			}
			part.Rows = append(part.Rows, row)
		}
		v.Parts = append(v.Parts, part)
	}
}

func (v *reportView) packs(packs []compliance.Pack, results []configstore.RuleResult, only string) {
	asked := map[string]bool{}
	for _, r := range results {
		asked[r.Pack] = true
	}
	for _, p := range packs {
		switch {
		case asked[p.ID]:
			v.Packs = append(v.Packs, reportPack{said(p.Title), said(p.Version), p.Hash, len(p.Rules)})
		case only == "" || only == p.ID:
			v.NotAsked = append(v.NotAsked, said(p.Title))
		}
	}
}
