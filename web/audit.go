package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// AuditLog reads the chain of who did what, and has it checked.
type AuditLog interface {
	Find(ctx context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error)
	Count(ctx context.Context, f audit.Filter, from int64) (int, error)
	// Chain says what is known of the chain.
	Chain(ctx context.Context) (AuditChain, error)
	// StartVerify begins to compute the chain anew unless that is under way.
	StartVerify(ctx context.Context) error
}

// AuditChain is the state of the chain.
type AuditChain struct {
	Records  int64
	Running  bool  // it is being computed
	Done     int64 // records of it, so far
	Verified time.Time
	Seen     int64  // records that were verified then
	Fault    string // what was wrong, and where it starts; "" for whole
	Anchored time.Time
	Anchor   int64 // the record
}

func (s *Server) auditTable() []route {
	return []route{
		{Method: get, Path: "/audit", Permission: auth.AuditRead, Scope: scopeGlobal, Handler: s.auditPage},
		{Method: get, Path: "/audit.csv", Permission: auth.AuditRead, Scope: scopeGlobal, Verb: audit.AuditExport, Handler: s.auditPage},
		{Method: get, Path: "/audit.json", Permission: auth.AuditRead, Scope: scopeGlobal, Verb: audit.AuditExport, Handler: s.auditPage},
		{Method: post, Path: "/audit/verify", Permission: auth.AuditVerify, Scope: scopeGlobal, Verb: audit.AuditVerified, Handler: s.verifyAudit},
		apiRow(get, "/audit", auth.AuditRead, "", s.apiAudit),
	}
}

const auditExportMax = 100_000

// auditForm is the filter as it was typed.
type auditForm struct{ Who, Verb, Object, Since, Until string }

func (f auditForm) filter() (audit.Filter, error) {
	out := audit.Filter{Who: f.Who, Verb: f.Verb, Object: f.Object}
	for _, d := range []struct {
		text string
		to   *time.Time
		end  time.Duration
	}{{f.Since, &out.Since, 0}, {f.Until, &out.Until, 24*time.Hour - time.Nanosecond}} {
		if d.text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, d.text)
		if err != nil {
			if t, err = time.Parse(time.DateOnly, d.text); err != nil {
				return out, fmt.Errorf("%q is no day such as 2026-03-01", d.text)
			}
			t = t.Add(d.end)
		}
		*d.to = t
	}
	return out, nil
}

// auditView is the page of the audit log.
type auditView struct {
	page
	Form   auditForm
	Error  string
	Chain  chainView
	Verify bool // this viewer may
	Table  tableView
	Newest string // back to the first page
}

// chainView says the state of the chain in words.
type chainView struct {
	Tone, Icon, Text string
	Running          bool
	Done, Of         int64
}

func (s *Server) chainOf(ch AuditChain) chainView {
	now := s.Now()
	v := chainView{Tone: "t-idle", Icon: "unknown", Text: fmt.Sprintf("%s records, not verified yet.", num(int(ch.Records)))}
	switch {
	case ch.Running:
		return chainView{Tone: "t-info", Icon: "running", Running: true, Done: ch.Done, Of: ch.Records, Text: fmt.Sprintf("Verifying: %s of %s records.", num(int(ch.Done)), num(int(ch.Records)))}
	case ch.Fault != "":
		v.Tone, v.Icon = "t-bad", "circle-x"
		v.Text = fmt.Sprintf("The chain is broken: %s. Found %s.", said(ch.Fault), when{ch.Verified, now}.Age())
	case !ch.Verified.IsZero():
		v.Tone, v.Icon = "t-ok", "circle-check"
		v.Text = fmt.Sprintf("Whole: all %s records followed one another unchanged, verified %s.", num(int(ch.Seen)), when{ch.Verified, now}.Age())
		if n := ch.Records - ch.Seen; n > 0 {
			v.Text += fmt.Sprintf(" %s came since.", num(int(n)))
		}
	}
	if !ch.Anchored.IsZero() {
		v.Text += fmt.Sprintf(" Anchored %s at record %s.", when{ch.Anchored, now}.Age(), num(int(ch.Anchor)))
	}
	return v
}

// auditPage answers GET /audit, and as .csv and .json.
func (s *Server) auditPage(c echo.Context) error {
	if s.AuditLog == nil {
		return echo.ErrNotFound
	}
	ctx := c.Request().Context()
	export := c.Path() != "/audit"
	v := &auditView{page: page{Title: "Audit log", Area: "/audit"}, Verify: viewerOf(c).Can(auth.AuditVerify)}
	cutTo := func(name string) string {
		return strings.TrimSpace(strings.ToValidUTF8(c.QueryParam(name)[:min(len(c.QueryParam(name)), 200)], ""))
	}
	form := auditForm{Who: cutTo("who"), Verb: cutTo("verb"), Object: cutTo("object"), Since: cutTo("since"), Until: cutTo("until")}
	f, err := form.filter()
	if err != nil {
		if export {
			return echo.NewHTTPError(http.StatusBadRequest, visible(err.Error()))
		}
		v.Error, f = visible(err.Error()), audit.Filter{Until: time.Unix(0, 1)} // an answer to another question would mislead
	}
	v.Form = auditForm{visible(form.Who), visible(form.Verb), visible(form.Object), visible(form.Since), visible(form.Until)}
	total, err := s.AuditLog.Count(ctx, f, 0)
	if err != nil {
		return err
	}
	if export {
		if total > auditExportMax {
			return echo.NewHTTPError(http.StatusUnprocessableEntity, fmt.Sprintf("%s records are more than one export holds (%s). Narrow the days down.", num(total), num(auditExportMax)))
		}
		rows, err := s.AuditLog.Find(ctx, f, 0, auditExportMax)
		if err != nil {
			return err
		}
		return answer(c, s.auditList(rows), nil)
	}
	before, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	rows, err := s.AuditLog.Find(ctx, f, max(before, 0), pageRows+1)
	if err != nil {
		return err
	}
	l := s.auditList(rows)
	v.Table = l.view(c, rows, "")
	if len(rows) > 0 {
		above, err := s.AuditLog.Count(ctx, f, rows[0].Seq+1)
		if err != nil {
			return err
		}
		v.Table.Total, v.Table.From, v.Table.To = total, above+1, above+min(len(rows), pageRows)
	}
	if before > 0 {
		v.Newest = with("/audit", c.QueryParams(), "after", "")
	}
	ch, err := s.AuditLog.Chain(ctx)
	if err != nil {
		return err
	}
	v.Chain = s.chainOf(ch)
	return s.render(c, http.StatusOK, "audit", v)
}

func (s *Server) auditList(rows []audit.Record) list[audit.Record] {
	now := s.Now()
	return list[audit.Record]{
		Name: "audit", Caption: "Audit records, newest first", Rows: rows,
		ID:    func(r audit.Record) string { return strconv.FormatInt(r.Seq, 10) },
		Empty: empty{Icon: "audit", Title: "No record is like that", Text: "Take a word out of the filter.", Href: "/audit", Action: "Show all"},
		Columns: []column[audit.Record]{
			{Key: "seq", Head: "No", Cell: func(r audit.Record) cell { return cell{Text: strconv.FormatInt(r.Seq, 10), Mono: true, Value: r.Seq} }},
			{Key: "time", Head: "Time", Cell: func(r audit.Record) cell { return cell{When: &when{r.At, now}} }},
			{Key: "who", Head: "Who", Cell: func(r audit.Record) cell {
				return cell{Text: said(r.Actor), Muted: string(r.ActorKind), Href: "/audit?who=" + url.QueryEscape(r.Actor), Value: map[string]string{"name": said(r.Actor), "kind": string(r.ActorKind)}}
			}},
			{Key: "address", Head: "From", Cell: func(r audit.Record) cell { return cell{Text: said(r.Address), Mono: true, Soft: true} }},
			{Key: "verb", Head: "What", Cell: func(r audit.Record) cell {
				return cell{Text: said(string(r.Verb)), Mono: true, Href: "/audit?verb=" + url.QueryEscape(string(r.Verb))}
			}},
			{Key: "object", Head: "Object", Cell: func(r audit.Record) cell { return cell{Text: auditObject(r), Cut: true} }},
			{Key: "outcome", Head: "Outcome", Cell: func(r audit.Record) cell { return cell{Text: said(r.Outcome), Soft: true} }},
			{Key: "mac", Head: "Seal", Cell: func(r audit.Record) cell {
				full := hex.EncodeToString(r.MAC)
				return cell{Text: full[:min(12, len(full))], Mono: true, Soft: true, Value: full}
			}},
		},
	}
}

// auditObject is what was touched, with what it was before and after.
func auditObject(r audit.Record) string {
	text := r.Object
	if r.Site != "" {
		text += " at " + r.Site
	}
	switch {
	case r.Before != "" && r.After != "":
		text += ": " + r.Before + " → " + r.After
	case r.Before+r.After != "":
		text += ": " + r.Before + r.After
	}
	return said(strings.TrimPrefix(text, ": "))
}

// verifyAudit answers POST /audit/verify.
func (s *Server) verifyAudit(c echo.Context) error {
	if s.AuditLog == nil {
		return echo.ErrNotFound
	}
	if err := s.AuditLog.StartVerify(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/audit")
}

type auditIn struct {
	PageIn
	Who    string `query:"who" maxLength:"200"`
	Verb   string `query:"verb" maxLength:"200"`
	Object string `query:"object" maxLength:"200"`
	Since  string `query:"since" maxLength:"40" doc:"a day or an RFC 3339 time"`
	Until  string `query:"until" maxLength:"40"`
}

type apiRecord struct {
	Seq       int64     `json:"seq"`
	Time      time.Time `json:"time"`
	ActorKind string    `json:"actor_kind"`
	Actor     string    `json:"actor"`
	Address   string    `json:"address,omitempty"`
	Request   string    `json:"request,omitempty"`
	Verb      string    `json:"verb"`
	Object    string    `json:"object,omitempty"`
	Site      string    `json:"site,omitempty"`
	Before    string    `json:"before,omitempty"`
	After     string    `json:"after,omitempty"`
	Outcome   string    `json:"outcome,omitempty"`
	MAC       string    `json:"mac"`
}

func (s *Server) apiAudit(ctx context.Context, in *auditIn) (*out[pageOut[apiRecord]], error) {
	if s.AuditLog == nil {
		return nil, echo.ErrNotFound
	}
	f, err := auditForm{in.Who, in.Verb, in.Object, in.Since, in.Until}.filter()
	if err != nil {
		return nil, badRequest(err)
	}
	before, err := strconv.ParseInt(in.After, 10, 64)
	if in.After != "" && (err != nil || before < 1) {
		return nil, badRequest(fmt.Errorf("after: %q is no number of a record", in.After))
	}
	rows, err := s.AuditLog.Find(ctx, f, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	o := &out[pageOut[apiRecord]]{Body: pageOut[apiRecord]{Items: []apiRecord{}}}
	if o.Body.Total, err = s.AuditLog.Count(ctx, f, 0); err != nil {
		return nil, err
	}
	for _, r := range rows[:min(len(rows), in.Limit)] {
		o.Body.Items = append(o.Body.Items, apiRecord{r.Seq, r.At.UTC(), string(r.ActorKind), r.Actor, r.Address, r.Request, string(r.Verb), r.Object, r.Site, r.Before, r.After, r.Outcome, hex.EncodeToString(r.MAC)})
	}
	if len(rows) > in.Limit {
		o.Body.Next = strconv.FormatInt(rows[in.Limit-1].Seq, 10)
	}
	return o, nil
}
