package vault

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/plumbline-net/plumbline/netdev"
)

// Field names a part of a credential, as forms and messages call it.
type Field string

// The fields of a credential.
const (
	FieldName         Field = "name"
	FieldScope        Field = "scope"
	FieldSSH          Field = "ssh"
	FieldSNMP         Field = "snmp"
	FieldPassword     Field = "password"
	FieldEnable       Field = "enable"
	FieldKey          Field = "key"
	FieldPassphrase   Field = "passphrase"
	FieldCommunity    Field = "community"
	FieldAuthPassword Field = "auth_password"
	FieldPrivPassword Field = "priv_password"
)

// Edit is what a person says of a credential. A secret that is not set keeps
// what is stored, Forget names those to remove: nobody has to see a secret to
// change what stands beside it.
type Edit struct {
	ID         string // "" for a new one; the name of one that is there stays
	Credential netdev.Credential
	Forget     []Field
	Wide       string // why a scope wider than a /8 is meant
}

// EditError says what is wrong in an edit, and where.
type EditError struct {
	Field Field
	Text  string
}

// Error is the text, after the field.
func (e *EditError) Error() string { return string(e.Field) + ": " + e.Text }

// widest is the shortest prefix that a scope may hold without a reason: a
// longer list of shorter ones would be the whole Internet.
func widest(p netip.Prefix) int {
	if p.Addr().Is4() {
		return 8
	}
	return 32
}

// Change keeps what an edit says and gives the credential before and after. It
// refuses with *EditError; ErrNoCredential where the id is not kept.
//
// A scope that grows needs its secrets again: otherwise whoever may edit, but
// does not know a secret, could have it sent to a host of his own.
func (c *Credentials) Change(ctx context.Context, e Edit, by string) (before, after Listed, err error) {
	err = c.rows.InTx(ctx, func(ctx context.Context) error {
		kept, err := c.rows.Credentials(ctx)
		if err != nil {
			return err
		}
		cred, row, err := c.merged(kept, e)
		if err != nil {
			return err
		}
		before = row.Listed
		row.Listed = c.relisted(row.Listed, cred, by)
		if row.ID == "" {
			row.ID, row.Rank = ulid.Make().String(), nextRank(kept)
		}
		if row.Sealed, err = c.v.sealLogins(row.ID, cred); err != nil {
			return err
		}
		after = row.Listed
		// A person has changed what was refused: the devices are asked anew.
		if err := c.rows.ForgetRefusals(ctx, row.Name); err != nil {
			return err
		}
		return c.rows.SaveCredential(ctx, row)
	})
	return before, after, err
}

// relisted is l as cred makes it; a pause ends, because whatever was refused
// is another secret now, or meant so.
func (c *Credentials) relisted(l Listed, cred netdev.Credential, by string) Listed {
	n := listed(cred)
	n.ID, n.Rank, n.Changed, n.ChangedBy = l.ID, l.Rank, c.now().UTC(), by
	return n
}

// merged joins the edit with what is stored.
func (c *Credentials) merged(kept []SealedCredential, e Edit) (netdev.Credential, SealedCredential, error) {
	cred := e.Credential
	refuse := func(f Field, format string, a ...any) (netdev.Credential, SealedCredential, error) {
		return cred, SealedCredential{}, &EditError{f, fmt.Sprintf(format, a...)}
	}
	var row SealedCredential
	var old netdev.Credential
	if e.ID != "" {
		i := slices.IndexFunc(kept, func(k SealedCredential) bool { return k.ID == e.ID })
		if i < 0 {
			return cred, row, ErrNoCredential
		}
		row = kept[i]
		cred.Name = row.Name
		// One that does not open any more can still be given new secrets.
		old, _ = c.v.openLogins(row)
	} else if err := checkNewName(kept, cred.Name); err != nil {
		return cred, row, err
	}
	if err := checkScope(cred.Scope, e.Wide); err != nil {
		return cred, row, err
	}
	if cred.SSH == nil && cred.SNMP == nil {
		return refuse(FieldSSH, "neither SSH nor SNMP: choose at least one kind of login")
	}
	grown := growth(row.Scope, cred.Scope)
	if still := keep(&cred, old, e.Forget); row.ID != "" && grown.IsValid() && len(still) > 0 {
		return refuse(FieldScope, "%s was not in the scope before: enter %s again, because a stored secret is not sent where nobody who knew it said",
			grown, strings.Join(still, ", "))
	}
	if cred.SNMP != nil {
		if err := cred.SNMP.Check(); err != nil {
			return refuse(FieldSNMP, "%s", err)
		}
	}
	if cred.SSH != nil {
		if err := cred.SSH.Check(); err != nil {
			return refuse(FieldSSH, "%s", err)
		}
	}
	return cred, row, nil
}

func checkNewName(kept []SealedCredential, name string) error {
	switch {
	case name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &EditError{FieldName, "a name of 1 to 64 characters is needed"}
	case slices.ContainsFunc(kept, func(k SealedCredential) bool { return k.Name == name }):
		return &EditError{FieldName, "there is a credential of that name: change that one, or choose another name"}
	}
	return nil
}

func checkScope(scope []netip.Prefix, wide string) error {
	if len(scope) == 0 {
		return &EditError{FieldScope, "missing: name the prefixes or addresses this credential may be sent to; it is sent nowhere else"}
	}
	for _, p := range scope {
		if p.Bits() < widest(p) && strings.TrimSpace(wide) == "" {
			return &EditError{FieldScope, fmt.Sprintf("%s is wider than a /%d: name the prefixes of your devices, or say below why it must be that wide", p, widest(p))}
		}
		if p.Addr().IsMulticast() {
			return &EditError{FieldScope, fmt.Sprintf("%s is multicast: no device is managed there", p)}
		}
	}
	return nil
}

// growth gives a prefix of now that is not wholly inside was.
func growth(was, now []netip.Prefix) netip.Prefix {
	for _, p := range now {
		if !slices.ContainsFunc(was, func(w netip.Prefix) bool { return w.Bits() <= p.Bits() && w.Contains(p.Addr()) }) {
			return p
		}
	}
	return netip.Prefix{}
}

// keep fills the secrets that were not entered from the stored ones, and names
// the fields it filled.
func keep(cred *netdev.Credential, old netdev.Credential, forget []Field) []string {
	var kept []string
	fill := func(f Field, to *netdev.Secret, from netdev.Secret) {
		if !to.IsSet() && from.IsSet() && !slices.Contains(forget, f) {
			*to = from
			kept = append(kept, string(f))
		}
	}
	if s, o := cred.SSH, old.SSH; s != nil && o != nil {
		fill(FieldPassword, &s.Password, o.Password)
		fill(FieldEnable, &s.Enable, o.Enable)
		fill(FieldKey, &s.PrivateKey, o.PrivateKey)
		fill(FieldPassphrase, &s.Passphrase, o.Passphrase)
	}
	if s, o := cred.SNMP, old.SNMP; s != nil && o != nil {
		if s.Version != netdev.SNMPv3 {
			fill(FieldCommunity, &s.Community, o.Community)
			return kept
		}
		if s.Auth != "" {
			fill(FieldAuthPassword, &s.AuthPassword, o.AuthPassword)
		}
		if s.Priv != "" {
			fill(FieldPrivPassword, &s.PrivPassword, o.PrivPassword)
		}
	}
	return kept
}

// byUse is the order in which credentials are tried where nothing worked yet,
// as far as it can be told without an address.
func byUse(a, b Listed) int {
	longest := func(l Listed) int {
		n := 0
		for _, p := range l.Scope {
			n = max(n, p.Bits())
		}
		return n
	}
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(first(len(a.Sites) > 0), first(len(b.Sites) > 0)), cmp.Compare(longest(b), longest(a)),
		cmp.Compare(first(a.SSHKey), first(b.SSHKey)), cmp.Compare(b.SNMPVersion, a.SNMPVersion), cmp.Compare(a.Name, b.Name))
}

// nextRank puts a new credential behind those that a person put in order; as
// long as nobody did, all have rank 0.
func nextRank(kept []SealedCredential) int {
	n := 0
	for _, k := range kept {
		n = max(n, k.Rank)
	}
	if n > 0 {
		n++
	}
	return n
}

// Move puts a credential one place earlier or later in the order of use. From
// then on the order is the person's.
func (c *Credentials) Move(ctx context.Context, id string, earlier bool) error {
	return c.rows.InTx(ctx, func(ctx context.Context) error {
		rows, err := c.rows.Credentials(ctx)
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b SealedCredential) int { return byUse(a.Listed, b.Listed) })
		i := slices.IndexFunc(rows, func(r SealedCredential) bool { return r.ID == id })
		if i < 0 {
			return ErrNoCredential
		}
		j := i + 1
		if earlier {
			j = i - 1
		}
		if j >= 0 && j < len(rows) {
			rows[i], rows[j] = rows[j], rows[i]
		}
		for n := range rows {
			rows[n].Rank = n + 1
			if err := c.rows.SaveCredential(ctx, rows[n]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Usage tells how each credential fares, by its name.
func (c *Credentials) Usage(ctx context.Context) (map[string]Usage, error) {
	return c.rows.CredentialUsage(ctx)
}

// One gives one credential for one attempt of one kind at addr, under all the
// rules that hold for a job: its scope, site and platform, a pause, and the
// failed logins of the device. dev is zero for an address that is not in the
// inventory. Errors are *netdev.OpError; then nothing may be sent.
func (c *Credentials) One(ctx context.Context, id string, kind Kind, dev netdev.Device, addr netip.Addr) (netdev.Credential, error) {
	refuse := func(r netdev.Reason, format string, a ...any) (netdev.Credential, error) {
		return netdev.Credential{}, &netdev.OpError{Reason: r, Op: "choose a credential", Addr: addr.String(), Detail: fmt.Sprintf(format, a...)}
	}
	rows, err := c.rows.Credentials(ctx)
	if err != nil {
		return netdev.Credential{}, err
	}
	i := slices.IndexFunc(rows, func(r SealedCredential) bool { return r.ID == id })
	if i < 0 {
		return netdev.Credential{}, ErrNoCredential
	}
	r := rows[i]
	switch {
	case !inScope(r, addr):
		return refuse(netdev.OutOfScope, "the address is outside the scope of %s", r.Name)
	case !r.has(kind):
		return refuse(netdev.NoCredential, "%s has no login by %s", r.Name, kind)
	case !allows(r.Sites, dev.Site):
		return refuse(netdev.OutOfScope, "%s is for other sites", r.Name)
	case !allows(r.Platforms, dev.Platform):
		return refuse(netdev.OutOfScope, "%s is for other platforms", r.Name)
	case !r.Paused.IsZero():
		return refuse(netdev.LockoutGuard, "%s is paused, because several devices refused it: save it again to go on", r.Name)
	}
	if kind == SSH && dev.ID != "" {
		failed, err := c.rows.Refusals(ctx, dev.ID, kind, c.now().Add(-guardWindow))
		if err != nil {
			return netdev.Credential{}, err
		}
		if len(failed) >= maxFailures {
			return refuse(netdev.LockoutGuard, "%s", pausedWords(failed))
		}
	}
	out, err := c.openPart([]SealedCredential{r}, kind)
	if err != nil {
		return netdev.Credential{}, err
	}
	return out[0], nil
}
