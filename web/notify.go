package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/netdev"
)

// notifyView is the webhook and what became of its messages.
type notifyView struct {
	settingsPage
	Host, By string
	Signed   bool
	Plain    bool
	Changed  when
	Disabled when
	Why      string
	Kinds    []kindView
	Recent   []noticeView
	Bad      string
	Tries    int
	Tested   *answerView
}

type kindView struct {
	Kind, Text string
	On         bool
}

type noticeView struct {
	ID, Kind, Last   string
	Tone, Icon, Text string
	Tries            int
	At               when
	Due              *when
}

// noticesShown is how many of the newest messages the page lists.
const noticesShown = 50

// kindText says when a kind is told.
func kindText(k notify.Kind) string {
	switch k {
	case notify.BackupFailed:
		return "Backups failed: one message when a batch is over"
	case notify.DriftOpened:
		return "Devices drifted: one message a batch"
	case notify.ComplianceFailing:
		return "Rules newly fail: one message a batch"
	case notify.DeviceStale:
		return "A configuration went stale: once a device, gathered hourly"
	}
	return "Alarms of the appliance, such as a disk that fills up"
}

func (s *Server) notifyPage(c echo.Context) error {
	return s.showNotify(c, http.StatusOK, &notifyView{})
}

func (s *Server) showNotify(c echo.Context, status int, v *notifyView) error {
	ctx, now := c.Request().Context(), s.Now()
	kept := v.settingsPage
	v.settingsPage = s.settingsPage(c, "Notifications", "/settings/notify")
	v.Error, v.Note = kept.Error, kept.Note
	hook, err := s.Settings.Webhook().View(ctx)
	if err != nil {
		return err
	}
	v.Host, v.By, v.Signed, v.Changed, v.Disabled, v.Why = visible(hook.Host), said(hook.ChangedBy), hook.Signed, when{hook.Changed, now}, when{hook.Disabled, now}, said(hook.Why)
	v.Plain, v.Tries = hook.Plain, notify.MaxTries()
	for _, k := range notify.Kinds() {
		v.Kinds = append(v.Kinds, kindView{string(k), kindText(k), hook.Host == "" || slices.Contains(hook.Events, k)})
	}
	recent, err := s.Settings.Webhook().Recent(ctx, noticesShown)
	if err != nil {
		return err
	}
	for _, n := range recent {
		r := noticeView{ID: n.ID, Kind: string(n.Kind), Last: said(n.Last), Tries: n.Tries, At: when{n.Created, now}, Tone: "t-info", Icon: "clock", Text: string(n.State)}
		switch n.State {
		case notify.Sent:
			r.Tone, r.Icon = "t-ok", "circle-check"
		case notify.GivenUp:
			r.Tone, r.Icon = "t-bad", "circle-x"
		default:
			r.Due = &when{n.Due, now}
		}
		v.Recent = append(v.Recent, r)
	}
	return s.render(c, status, "notify", v)
}

// saveWebhook answers POST /settings/notify.
func (s *Server) saveWebhook(c echo.Context) error {
	change := notify.Change{URL: netdev.NewSecret(formText(c, "url")), Secret: netdev.NewSecret(formText(c, "secret")), Unsign: c.FormValue("unsign") != "", Plain: c.FormValue("plain") != ""}
	for _, k := range formList(c, "event") {
		change.Events = append(change.Events, notify.Kind(k))
	}
	after := "events " + spelled(change.Events, " ")
	for _, x := range []struct {
		yes  bool
		text string
	}{{change.URL.IsSet(), "; new address"}, {change.Secret.IsSet(), "; new secret"}, {change.Plain, "; clear text confirmed"}} {
		if x.yes {
			after += x.text
		}
	}
	if err := s.record(c, audit.SettingsChange, "webhook", "", after); err != nil {
		return err
	}
	err := s.Settings.Webhook().Set(c.Request().Context(), change, viewerOf(c).User)
	if bad, ok := errors.AsType[*notify.ChangeError](err); ok {
		if err := s.recordOutcome(c, audit.SettingsChange, "webhook", "", after, "refused: "+bad.Text); err != nil {
			return err
		}
		return s.showNotify(c, http.StatusUnprocessableEntity, &notifyView{Bad: bad.Field,
			settingsPage: settingsPage{Error: map[string]string{"url": "Address", "events": "Events"}[bad.Field] + ": " + visible(bad.Text) + ". Nothing was saved."}})
	}
	if err != nil {
		return err
	}
	return s.showNotify(c, http.StatusOK, &notifyView{settingsPage: settingsPage{Note: "Saved. Send a test to see whether it arrives."}})
}

// testWebhook answers POST /settings/notify/test.
func (s *Server) testWebhook(c echo.Context) error {
	if err := s.record(c, audit.SettingsChange, "webhook", "", "test"); err != nil {
		return err
	}
	words, ok, err := s.Settings.Webhook().Test(c.Request().Context())
	if err != nil {
		return err
	}
	a := &answerView{Tone: "t-bad", Icon: "circle-x", Title: "The test did not arrive", Text: said(words)}
	if ok {
		a = &answerView{Tone: "t-ok", Icon: "circle-check", Title: "The test arrived", Text: said(words)}
	}
	return s.showNotify(c, http.StatusOK, &notifyView{Tested: a})
}

// removeWebhook answers POST /settings/notify/remove.
func (s *Server) removeWebhook(c echo.Context) error {
	if err := s.record(c, audit.SettingsChange, "webhook", "", "removed"); err != nil {
		return err
	}
	if err := s.Settings.Webhook().Remove(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/notify")
}
