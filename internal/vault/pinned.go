package vault

import (
	"context"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
)

// Pinned is what one session with one device asks for its host key. It is the
// cli.HostKeys of that session.
type Pinned struct {
	keys  *HostKeys
	dev   netdev.Device
	by    string
	learn bool
	types []string
}

// For makes ready to judge the key that dev shows. by is the job or person of
// the session; learn says that a first key is pinned (policy first-use).
func (h *HostKeys) For(ctx context.Context, dev netdev.Device, by string, learn bool) (*Pinned, error) {
	p := &Pinned{keys: h, dev: dev, by: by, learn: learn}
	k, known, err := h.rows.HostKey(ctx, dev.ID)
	if err != nil {
		return nil, err
	}
	if known {
		p.types = []string{k.Type}
	}
	return p, nil
}

// Types asks for the type of the pinned key first, so that a host with several
// keys shows the one that is known.
func (p *Pinned) Types(cli.Host) []string { return p.types }

// Check judges the key before any authentication; see HostKeys.Check.
func (p *Pinned) Check(ctx context.Context, _ cli.Host, key cli.HostKey) error {
	return p.keys.Check(ctx, p.dev, key.Type, key.Blob, p.by, p.learn)
}
