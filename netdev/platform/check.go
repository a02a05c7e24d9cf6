package platform

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

var idShape = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

// denied lists first words that change a device. What begins with one may be
// sent only where the file says that it sets up the session and why.
var denied = []string{"configure", "conf", "write", "commit", "copy", "delete", "erase", "reload", "reboot", "reset", "set",
	"request", "load", "save", "format", "clear", "debug", "config"}

// check says everything that is wrong with a platform beyond its syntax.
func (p *Platform) check(name string) error {
	c := checker{}
	id := string(p.ID)
	c.want(id+".yaml" == name, "id", "%q is not the name of the file", id)
	c.want(idShape.MatchString(id), "id", "%q is not lower-case words joined by _", id)
	c.want(p.Title != "", "title", "missing")
	c.want(p.Vendor == "" || idShape.MatchString(strings.ReplaceAll(p.Vendor, "-", "_")), "vendor", "%q is no vendor id", p.Vendor)
	c.kinds(p.Kind)
	c.tail("prompt.match", p.Prompt.Match)
	c.tail("pager.match", p.Pager.Match)
	c.tail("login.user", p.Login.User)
	c.tail("login.password", p.Login.Password)
	for i, k := range p.Login.Keys {
		key := fmt.Sprintf("login.keys[%d]", i)
		c.group(key+".match", k.Match, k.Send == "match", 1)
		c.want(k.Send == "match" || k.Send == "enter" || k.Send == "space" || len(k.Send) > 0 && len(k.Send) <= 4, key+".send",
			"%q is not enter, space, match or at most four characters", k.Send)
	}
	c.states(p)
	c.sends(p)
	for i, e := range p.Errors {
		c.want(slices.Contains(netdev.PullReasons(), e.Reason), fmt.Sprintf("errors[%d].reason", i), "%q is no reason of the closed list", e.Reason)
		c.some(fmt.Sprintf("errors[%d].match", i), e.Match)
	}
	if s := p.Complete.Size; s != nil {
		c.group("complete.size.match", s.Match, true, 1)
	}
	c.want(slices.Contains([]string{"", "never", "on-doubt", "on-change", "always"}, p.Complete.SecondRead), "complete.second_read",
		"%q is not one of never, on-doubt, on-change, always", p.Complete.SecondRead)
	if s := p.Read.Scopes; s != nil {
		c.group("read.scopes.match", s.Match, true, 1)
	}
	c.facts(p.Facts)
	c.accessPoints(p.AccessPoints)
	c.rulebook(p.Config)
	return errors.Join(c.errs...)
}

type checker struct{ errs []error }

func (c *checker) want(ok bool, key, format string, args ...any) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf(key+": "+format, args...))
	}
}

// some refuses an expression that matches the empty text: it would match
// everywhere.
func (c *checker) some(key string, r *Regex) {
	c.want(r.Re() == nil || !r.MatchString(""), key, "%q matches the empty text", r)
}

// tail checks an expression that is matched on the unfinished last line.
func (c *checker) tail(key string, r *Regex) {
	if r.Re() == nil {
		return
	}
	c.some(key, r)
	c.want(strings.HasSuffix(r.String(), "$"), key, "%q does not end with $", r)
}

func (c *checker) group(key string, r *Regex, needed bool, n int) {
	if needed {
		c.want(r.Re() != nil && r.Re().NumSubexp() >= n, key, "%q lacks a capture group", r)
	}
}

func (c *checker) kinds(k Choice) {
	c.want(k.Default == "" || netdev.Kind(k.Default).Valid(), "kind.default", "%q is no kind", k.Default)
	for i, w := range k.When {
		c.want(netdev.Kind(w.Value).Valid(), fmt.Sprintf("kind.when[%d].value", i), "%q is no kind", w.Value)
	}
}

// states checks that every privilege a step names is one that a prompt shows,
// and that the wanted one can be reached.
func (c *checker) states(p *Platform) {
	known := map[string]bool{}
	for _, s := range p.Prompt.States {
		known[s.Name] = true
		m := s.Match
		c.some("prompt.states."+s.Name, &m)
	}
	if len(known) == 0 {
		known["exec"] = true
	}
	c.want(p.Privilege.Want == "" || known[p.Privilege.Want], "privilege.want", "%q is no state of prompt.states", p.Privilege.Want)
	for i, s := range p.Privilege.Steps {
		key := fmt.Sprintf("privilege.steps[%d]", i)
		c.want(known[s.From], key+".from", "%q is no state of prompt.states", s.From)
		c.want(known[s.To], key+".to", "%q is no state of prompt.states", s.To)
		c.tail(key+".password", s.Password)
	}
}

// sends refuses every text that would change a device.
func (c *checker) sends(p *Platform) {
	plain := func(key, text string) {
		if text == "" {
			return
		}
		c.want(!Changes(text), key, "%q begins with a word that changes devices", text)
		c.want(!strings.ContainsAny(text, "\r\n"), key, "%q holds a line end", text)
	}
	setup := func(key string, list []Send) {
		for i, s := range list {
			at := fmt.Sprintf("%s[%d]", key, i)
			c.want(s.Text != "", at, "nothing to send")
			if s.SessionOnly {
				c.want(s.Because != "", at, "session_only needs a because")
				continue
			}
			plain(at, s.Text)
		}
	}
	setup("session.open", p.Session.Open)
	setup("session.close", p.Session.Close)
	for i, s := range p.Privilege.Steps {
		plain(fmt.Sprintf("privilege.steps[%d].send", i), s.Send)
	}
	for key, list := range map[string][]Command{"read.running": p.Read.Running, "read.running_limited": p.Read.RunningLimited,
		"read.running_full": p.Read.RunningFull, "read.startup": p.Read.Startup, "read.candidate": p.Read.Candidate} {
		for i, cmd := range list {
			c.want(cmd.Command != "", fmt.Sprintf("%s[%d]", key, i), "no command")
			plain(fmt.Sprintf("%s[%d]", key, i), cmd.Command)
		}
	}
	for i, e := range p.Extra {
		plain(fmt.Sprintf("extra[%d].command", i), e.Command)
	}
	if s := p.Read.Scopes; s != nil {
		plain("read.scopes.list", s.List)
		plain("read.scopes.enter", s.Enter)
		plain("read.scopes.leave", s.Leave)
	}
}

// Changes says whether the first word of a command is one that changes
// devices.
func Changes(command string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(command)), " ")
	return slices.Contains(denied, first)
}

func (c *checker) facts(f FactSources) {
	for name, list := range map[string][]FactSource{"model": f.Model, "version": f.Version, "serial": f.Serial, "hostname": f.Hostname,
		"location": f.Location, "features": f.Features} {
		for i, s := range list {
			key := fmt.Sprintf("facts.%s[%d]", name, i)
			c.want((s.From == "") != (s.OID == ""), key, "needs one of from, oid")
			c.group(key+".match", s.Match, s.Match.Re() != nil, 1)
		}
	}
}

func (c *checker) rulebook(b Rulebook) {
	c.want(slices.Contains([]string{"", "indent", "brace", "path", "edit", "structured"}, b.Syntax.Family), "config.syntax.family",
		"%q is not one of indent, brace, path, edit, structured", b.Syntax.Family)
	for i, n := range b.Noise {
		c.some(fmt.Sprintf("config.noise[%d].re", i), n.Re)
		c.want(n.Re.Re() != nil, fmt.Sprintf("config.noise[%d].re", i), "missing")
	}
	for i, s := range b.Secrets {
		key := fmt.Sprintf("config.secrets[%d].re", i)
		has := false
		if re := s.Re.Re(); re != nil {
			has = slices.ContainsFunc(re.SubexpNames(), func(n string) bool { return n == "s" || n == "s1" })
		}
		c.want(has, key, "%q names no group s or s1", s.Re)
	}
	for i, x := range b.Blobs {
		c.want(x.Start.Re() != nil && x.End != "", fmt.Sprintf("config.blobs[%d]", i), "needs start and end")
	}
}
