package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/netdev"
)

// got is one request that a receiver saw.
type got struct {
	id, stamp, signature, path string
	body                       []byte
}

// receiver is a web server that answers with the statuses it is given, the
// last one for ever.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	seen []got
	say  []int
}

func newReceiver(t *testing.T, say ...int) *receiver {
	r := &receiver{say: say}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		b, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, got{req.Header.Get("Webhook-Id"), req.Header.Get("Webhook-Timestamp"), req.Header.Get("Webhook-Signature"), req.URL.Path, b})
		status := r.say[0]
		if len(r.say) > 1 {
			r.say = r.say[1:]
		}
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []got { r.mu.Lock(); defer r.mu.Unlock(); return r.seen }

// fakeJobs answers for batches.
type fakeJobs struct {
	over   bool
	failed []Event
}

func (f *fakeJobs) Over(context.Context, string) (bool, error)      { return f.over, nil }
func (f *fakeJobs) Failed(context.Context, string) ([]Event, error) { return f.failed, nil }

type rig struct {
	t    *testing.T
	s    *Service
	now  *time.Time
	jobs *fakeJobs
}

func (r rig) set(c Change) {
	r.t.Helper()
	if c.Events == nil {
		c.Events = Kinds()
	}
	if err := r.s.Set(r.t.Context(), c, "ann"); err != nil {
		r.t.Fatal(err)
	}
}

func (r rig) add(e Event) {
	r.t.Helper()
	if err := r.s.Add(r.t.Context(), e); err != nil {
		r.t.Fatal(err)
	}
}

func (r rig) round() {
	r.t.Helper()
	if err := r.s.Round(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r rig) recent() []Notice {
	r.t.Helper()
	list, err := r.s.Recent(r.t.Context(), 100)
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func secret(s string) netdev.Secret { return netdev.NewSecret(s) }

func TestABatchIsOneSignedMessageAKindWhenItIsOver(t *testing.T) {
	to := newReceiver(t, 204)
	r := newRig(t, t.TempDir(), Options{})
	r.set(Change{URL: secret(to.URL + "/hook/canary"), Secret: secret("whsec_" + base64.StdEncoding.EncodeToString([]byte("key")))})
	for i := range 30 {
		r.add(Event{Kind: DriftOpened, Batch: "B", Device: fmt.Sprintf("sw%02d", i), Site: "Mill", Reason: "startup"})
	}
	if err := r.s.Watch(t.Context(), "B"); err != nil {
		t.Fatal(err)
	}
	r.jobs.failed = []Event{{Kind: BackupFailed, Device: "core1", Reason: "auth-failed"}, {Kind: BackupFailed, Device: "core2", Reason: "auth-failed"}, {Kind: BackupFailed, Device: "core3", Reason: "timeout"}}
	r.round()
	if len(to.got()) != 0 {
		t.Fatalf("%d messages before the batch is over", len(to.got()))
	}
	r.jobs.over = true
	r.round()
	r.round()
	seen := to.got()
	if len(seen) != 2 {
		t.Fatalf("%d messages, want one a kind", len(seen))
	}
	var m Message
	if err := json.Unmarshal(seen[0].body, &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != seen[0].id || m.Event != BackupFailed || m.Count != 3 || m.Text != "3 backups failed (auth-failed 2, timeout 1)" || m.Path != "/jobs/B" || m.Items[2] != (Item{Device: "core3", Reason: "timeout"}) {
		t.Errorf("message %+v", m)
	}
	h := hmac.New(sha256.New, []byte("key"))
	fmt.Fprintf(h, "%s.%s.%s", seen[0].id, seen[0].stamp, seen[0].body)
	if want := "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)); seen[0].signature != want || seen[0].path != "/hook/canary" {
		t.Errorf("signature %q, want %q", seen[0].signature, want)
	}
	for _, n := range r.recent() {
		if n.State != Sent || n.Tries != 1 || n.Last != "it answered 204 No Content" {
			t.Errorf("notice %+v", n)
		}
	}
}

func TestABatchWithoutFailuresIsNotTold(t *testing.T) {
	to := newReceiver(t, 204)
	r := newRig(t, t.TempDir(), Options{})
	r.set(Change{URL: secret(to.URL)})
	if err := r.s.Watch(t.Context(), "B"); err != nil {
		t.Fatal(err)
	}
	r.jobs.over = true
	r.round()
	if len(to.got()) != 0 || len(r.recent()) != 0 {
		t.Errorf("%d messages", len(to.got()))
	}
}

func TestWhatNobodyAskedForIsNotKept(t *testing.T) {
	to := newReceiver(t, 204)
	r := newRig(t, t.TempDir(), Options{})
	r.add(Event{Kind: DriftOpened, Device: "before"})
	r.set(Change{URL: secret(to.URL), Events: []Kind{DeviceStale}})
	r.add(Event{Kind: DriftOpened, Device: "unasked"})
	r.add(Event{Kind: DeviceStale, Device: "old", Key: "k"})
	r.add(Event{Kind: DeviceStale, Device: "old", Key: "k"}) // told once
	r.round()
	if len(to.got()) != 0 {
		t.Error("it did not wait for others")
	}
	*r.now = r.now.Add(Gather)
	r.round()
	r.add(Event{Kind: DeviceStale, Device: "old", Key: "k"})
	*r.now = r.now.Add(Gather)
	r.round()
	if s := to.got(); len(s) != 1 || !strings.Contains(string(s[0].body), `"text":"1 device has no fresh configuration: old"`) {
		t.Errorf("got %q", s)
	}
}

func TestAnUndoneTransactionTellsNothing(t *testing.T) {
	to := newReceiver(t, 204)
	r := newRig(t, t.TempDir(), Options{})
	r.set(Change{URL: secret(to.URL)})
	undo := errors.New("undo")
	err := r.s.Rows().InTx(t.Context(), func(ctx context.Context) error {
		if err := r.s.Add(ctx, Event{Kind: HealthAlarm}); err != nil {
			return err
		}
		return undo
	})
	*r.now = r.now.Add(Gather)
	r.round()
	if !errors.Is(err, undo) || len(to.got()) != 0 {
		t.Errorf("%v, %d messages", err, len(to.got()))
	}
}

func TestACrashBetweenCommitAndDeliverySendsTheSameMessageLater(t *testing.T) {
	to := newReceiver(t, 204)
	dir := t.TempDir()
	r := newRig(t, dir, Options{})
	r.set(Change{URL: secret(to.URL)})
	r.add(Event{Kind: HealthAlarm, Reason: "disk-full"})
	*r.now = r.now.Add(Gather)
	if err := r.s.Digest(t.Context()); err != nil { // and here the process dies
		t.Fatal(err)
	}
	id := r.recent()[0].ID
	again := newRig(t, dir, Options{})
	again.round()
	// It dies again, this time after the request and before its row: the try is not kept.
	n := again.recent()[0]
	n.State, n.Tries, n.Due = Waiting, 0, *again.now
	if err := again.s.Rows().SaveNotice(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	newRig(t, dir, Options{}).round()
	seen := to.got()
	if len(seen) != 2 || seen[0].id != id || seen[1].id != id || string(seen[0].body) != string(seen[1].body) {
		t.Errorf("%d requests, ids %v, want twice %s", len(seen), seen, id)
	}
}

func TestNothingIsSentWhileWhatCameOfItCannotBeKept(t *testing.T) {
	to := newReceiver(t, 204)
	held := true
	r := newRig(t, t.TempDir(), Options{Hold: func() bool { return held }})
	r.set(Change{URL: secret(to.URL)})
	r.add(Event{Kind: HealthAlarm, Reason: "disk-full"})
	*r.now = r.now.Add(Gather)
	r.round()
	if n := len(to.got()); n != 0 {
		t.Errorf("%d messages while the store cannot be written", n)
	}
	held = false
	r.round()
	if n := len(to.got()); n != 1 {
		t.Errorf("%d messages afterwards, want the one that waited", n)
	}
}

func TestATroubledReceiverIsTriedAgainAndGivenUpAtLast(t *testing.T) {
	to := newReceiver(t, 503)
	r := newRig(t, t.TempDir(), Options{})
	r.set(Change{URL: secret(to.URL)})
	r.add(Event{Kind: HealthAlarm})
	*r.now = r.now.Add(Gather)
	start := *r.now
	for range 3 * 24 * 60 {
		r.round()
		*r.now = r.now.Add(time.Minute)
	}
	n := r.recent()[0]
	if len(to.got()) != MaxTries() || n.State != GivenUp || n.Tries != MaxTries() || n.Last != "it answered 503 Service Unavailable" {
		t.Errorf("%d requests, %+v", len(to.got()), n)
	}
	if took := n.Ended.Sub(start); took < 10*time.Hour || took > 12*time.Hour {
		t.Errorf("given up after %s", took)
	}
	if v, err := r.s.View(t.Context()); err != nil || !v.Disabled.IsZero() {
		t.Errorf("disabled %+v, %v", v, err)
	}
}

func TestAStatusSaysWhetherTryingAgainHelps(t *testing.T) {
	tests := map[int]struct{ sent, disabled bool }{200: {true, false}, 202: {true, false}, 301: {false, true}, 307: {false, true}, 400: {false, true}, 404: {false, true}, 410: {false, true},
		408: {false, false}, 425: {false, false}, 429: {false, false}, 500: {false, false}, 502: {false, false}}
	for status, want := range tests {
		to := newReceiver(t, status)
		r := newRig(t, t.TempDir(), Options{})
		r.set(Change{URL: secret(to.URL)})
		r.add(Event{Kind: HealthAlarm})
		*r.now = r.now.Add(Gather)
		r.round()
		r.round()
		v, err := r.s.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n := r.recent()[0]
		if (n.State == Sent) != want.sent || !v.Disabled.IsZero() != want.disabled || len(to.got()) != 1 || want.disabled != (v.Why != "") {
			t.Errorf("%d: state %s, view %+v, %d requests", status, n.State, v, len(to.got()))
		}
		if !want.disabled {
			continue
		}
		to.mu.Lock()
		to.say = []int{204}
		to.mu.Unlock()
		r.set(Change{}) // saved again as it is
		r.round()
		if n := r.recent()[0]; n.State != Sent || to.got()[0].id != to.got()[1].id {
			t.Errorf("%d: after it was saved again %+v", status, n)
		}
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	r := newRig(t, t.TempDir(), Options{})
	tests := map[string]struct {
		url   string
		plain bool
		want  string // "" for one that is taken
	}{
		"https":            {"https://hooks.example.net/a?b=c", false, ""},
		"private":          {"https://10.1.2.3/a", false, ""},
		"loopback-in-text": {"http://127.0.0.1:9000/a", false, ""},
		"localhost":        {"http://localhost:9000/a", false, ""},
		"http":             {"http://hooks.example.net/a", false, "clear text"},
		"http-confirmed":   {"http://hooks.example.net/a", true, ""},
		"metadata":         {"http://169.254.169.254/latest", true, "link-local"},
		"metadata-mapped":  {"http://[::ffff:169.254.169.254]/latest", true, "link-local"},
		"metadata-six":     {"http://[fd00:ec2::254]/", true, "metadata"},
		"link-local-six":   {"https://[fe80::1]/", true, "link-local"},
		"unspecified":      {"https://0.0.0.0/", true, "not the address of a host"},
		"multicast":        {"https://[ff02::1]/", true, "not the address of a host"},
		"password":         {"https://u:canary@hooks.example.net/", false, "does not belong"},
		"file":             {"file:///etc/passwd", true, "not an address"},
		"gopher":           {"gopher://hooks.example.net/canary", true, "only https"},
		"garbage":          {"https://%zz/canary", true, "not an address"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := r.s.Set(t.Context(), Change{URL: secret(tt.url), Plain: tt.plain, Events: Kinds()}, "ann")
			_, bad := errors.AsType[*ChangeError](err)
			if (tt.want == "") != (err == nil) || tt.want != "" && (!bad || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestANameThatLeadsToThisMachineOrAMetadataServiceGetsNothing(t *testing.T) {
	to := newReceiver(t, 204)
	port := to.URL[strings.LastIndexByte(to.URL, ':'):]
	for _, addr := range []string{"127.0.0.1", "::1", "169.254.169.254", "0.0.0.0"} {
		r := newRig(t, t.TempDir(), Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr(addr)}, nil
		}})
		r.set(Change{URL: secret("http://rebind.example.net" + port + "/x"), Plain: true})
		words, ok, err := r.s.Test(t.Context())
		if err != nil || ok || !strings.Contains(words, "not sent") {
			t.Errorf("%s: %q %v %v", addr, words, ok, err)
		}
	}
	if len(to.got()) != 0 {
		t.Errorf("%d requests reached this machine", len(to.got()))
	}
}

func TestATestSpeaksTLSAndSaysWhatCameOfIt(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) }))
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	for name, trust := range map[string]*tls.Config{"trusted": {RootCAs: pool}, "stranger": nil} {
		r := newRig(t, t.TempDir(), Options{TLS: trust})
		if words, ok, err := r.s.Test(t.Context()); ok || err != nil || words != "no webhook is set" {
			t.Errorf("%s: %q %v %v", name, words, ok, err)
		}
		r.set(Change{URL: secret(srv.URL + "/canary")})
		words, ok, err := r.s.Test(t.Context())
		if err != nil || ok != (trust != nil) || strings.Contains(words, "canary") || ok && words != "it answered 202 Accepted" || !ok && !strings.Contains(words, "certificate") {
			t.Errorf("%s: %q %v %v", name, words, ok, err)
		}
	}
}

func TestAMessageIsBoundedWhateverDevicesAreCalled(t *testing.T) {
	var events []Event
	for range 5000 {
		events = append(events, Event{Kind: DriftOpened, Device: "\x1b[31m\u202e" + strings.Repeat("ä", 5000), Site: "\xff", Reason: strings.Repeat("r", 300)})
	}
	m := Compose("ID", DriftOpened, "B", time.Time{}, events)
	b, err := json.Marshal(m)
	if err != nil || len(b) > 128<<10 || m.Count != 5000 || len(m.Items)+m.More != 5000 {
		t.Errorf("%d bytes, count %d, %d items and %d more, %v", len(b), m.Count, len(m.Items), m.More, err)
	}
	if d := m.Items[0].Device; strings.ContainsAny(d, "\x1b\u202e") || len([]rune(d)) != MaxText {
		t.Errorf("device %q", d)
	}
}

func TestFailuresAreToldWithoutTheAddress(t *testing.T) {
	for name, err := range map[string]error{"refused": &url.Error{Op: "Post", URL: "https://h/canary", Err: errors.New("connection refused")},
		"late": &url.Error{Op: "Post", URL: "https://h/canary", Err: context.DeadlineExceeded}} {
		if words, final := FailedWords(err); strings.Contains(words, "canary") || final {
			t.Errorf("%s: %q, final %v", name, words, final)
		}
	}
}
