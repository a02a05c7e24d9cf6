package cli

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/plumbline-net/plumbline/netdev"
)

func mapFS(t testing.TB, name, text string) fs.FS {
	t.Helper()
	return fstest.MapFS{name: {Data: []byte(text)}}
}

func longText() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "interface Vlan%d\n description \"box# or box> at the end of box#\n ip address 192.0.2.%d  \n", i, i%250)
	}
	return b.String() + "box#\nbox#show all\nend\n"
}

func TestHowBytesAreCutNeverChangesAText(t *testing.T) {
	want := longText()
	var wg sync.WaitGroup
	for seed, chunk := range []int{0, 1, 2, 3, 7, 40, 300, 5000} {
		wg.Go(func() {
			d := &device{prompt: "box#", welcome: "hello\nbox>\n", chunk: chunk, seed: uint64(seed), answer: func(l string) string {
				if l == "show all" {
					return want
				}
				return ""
			}}
			d.start(t)
			s, err := d.connect(t, rightLogin())
			if err != nil {
				t.Errorf("pieces up to %d: %v", chunk, err)
				return
			}
			a, err := s.Run(context.Background(), "show all")
			if err != nil || string(a.Text) != want {
				t.Errorf("pieces up to %d: %v, %d bytes of %d", chunk, err, len(a.Text), len(want))
			}
		})
	}
	wg.Wait()
}

func TestOnlyKnownQuestionsAreAnswered(t *testing.T) {
	tests := map[string]struct {
		ask    []string
		reason netdev.Reason
		sent   int
	}{
		"password":          {[]string{"Password: "}, "", 1},
		"user-and-password": {[]string{"Username: ", "Password: "}, "", 1},
		"token":             {[]string{"Token: "}, netdev.AuthFailed, 0},
		"password-and-more": {[]string{"Password: ", "Token: "}, netdev.AuthFailed, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := &device{prompt: "box#", ask: tc.ask, answer: func(string) string { return "" }}
			d.start(t)
			_, err := d.connect(t, rightLogin())
			if got := netdev.ReasonOf(err); got != tc.reason {
				t.Errorf("%v, want %q", err, tc.reason)
			}
			if d.asked > 1 || len(d.pass) != tc.sent {
				t.Errorf("%d passwords sent, want %d", len(d.pass), tc.sent)
			}
		})
	}
}

func TestRefusedPasswordIsSentOnceWhateverTheMethod(t *testing.T) {
	d := &device{prompt: "box#", ask: []string{"Password: "}, answer: func(string) string { return "" }}
	d.start(t)
	login := rightLogin()
	login.Password = netdev.NewSecret("wrong")
	if _, err := d.connect(t, login); netdev.ReasonOf(err) != netdev.AuthFailed {
		t.Errorf("%v", err)
	}
	if len(d.pass) != 1 {
		t.Errorf("the password was sent %d times", len(d.pass))
	}
}

func TestLoginInsideTheShell(t *testing.T) {
	step := 0
	d := &device{prompt: "box#", open: true, welcome: "Welcome\nUser: ", answer: func(l string) string {
		step++
		return map[int]string{1: "Password: ", 2: "\n"}[step]
	}}
	d.start(t)
	s, err := d.connect(t, rightLogin())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.lines()[:2]; !slices.Equal(got, []string{"netops", "right"}) || s.Prompt() != "box#" {
		t.Errorf("typed %q, prompt %q", got, s.Prompt())
	}
}

func TestPasswordIsNotTypedTwiceIntoAShell(t *testing.T) {
	d := &device{prompt: "box#", open: true, welcome: "Password: ", answer: func(string) string { return "Login incorrect\nPassword: " }}
	d.start(t)
	if _, err := d.connect(t, rightLogin()); netdev.ReasonOf(err) != netdev.AuthFailed {
		t.Errorf("%v", err)
	}
	if got := d.lines(); len(got) != 1 {
		t.Errorf("typed %q", got)
	}
}

func TestNothingIsTypedWhereANewPasswordIsWanted(t *testing.T) {
	for name, welcome := range map[string]string{"new": "New password: ", "old": "Enter old password: ", "expired": "Your password has expired\nPassword: "} {
		t.Run(name, func(t *testing.T) {
			d := &device{prompt: "box#", open: true, welcome: welcome, answer: func(string) string { return "" }}
			d.start(t)
			if _, err := d.connect(t, rightLogin()); netdev.ReasonOf(err) != netdev.PasswordExpired {
				t.Errorf("%v", err)
			}
			if got := d.lines(); len(got) != 0 {
				t.Errorf("typed %q", got)
			}
		})
	}
}

// enabling is a device that asks for the enable secret with question.
func enabling(question string) *device {
	d := &device{prompt: "box>", welcome: "\n"}
	d.answer = func(l string) string {
		switch l {
		case "enable":
			return question
		case "open-sesame":
			d.prompt = "box#"
		}
		return ""
	}
	return d
}

func TestEnableSecretGoesOnlyToItsQuestion(t *testing.T) {
	tests := map[string]struct {
		question string
		login    func(*netdev.SSHLogin)
		reason   netdev.Reason
		typed    bool
	}{
		"asked":          {"Password: ", func(*netdev.SSHLogin) {}, "", true},
		"other-question": {"Sign here: ", func(*netdev.SSHLogin) {}, netdev.Timeout, false},
		"refused":        {"% Bad idea\n", func(*netdev.SSHLogin) {}, netdev.Privilege, false},
		"no-secret":      {"Password: ", func(l *netdev.SSHLogin) { l.Enable = netdev.Secret{} }, netdev.Privilege, false},
		"wrong-secret":   {"Password: ", func(l *netdev.SSHLogin) { l.Enable = netdev.NewSecret("no") }, netdev.Privilege, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := enabling(tc.question)
			d.start(t)
			login := rightLogin()
			tc.login(&login)
			s, err := d.connect(t, login)
			if got := netdev.ReasonOf(err); got != tc.reason {
				t.Errorf("%v, want %q", err, tc.reason)
			}
			if typed := slices.Contains(d.lines(), "open-sesame"); typed != tc.typed {
				t.Errorf("typed %q", d.lines())
			}
			if slices.Contains(d.lines(), "right") {
				t.Error("the login password was typed in place of the enable secret")
			}
			if err == nil && s.State() != "enable" {
				t.Errorf("state %q", s.State())
			}
			if n := len(d.lines()); n > 4 {
				t.Errorf("typed %q", d.lines())
			}
		})
	}
}

func TestLostSessionAnswersNothingMore(t *testing.T) {
	d := &device{prompt: "box#", answer: func(string) string { return "" }}
	d.start(t)
	s, err := d.connect(t, rightLogin())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Run(ctx, "show all"); netdev.ReasonOf(err) != netdev.Cancelled {
		t.Fatalf("%v", err)
	}
	before := len(d.lines())
	if _, err := s.Run(context.Background(), "show all"); err == nil || len(d.lines()) != before {
		t.Errorf("a lost session was used again: %v", err)
	}
}
