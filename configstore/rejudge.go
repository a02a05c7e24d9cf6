package configstore

import (
	"context"
	"errors"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// Rejudge asks the rules again of the newest running text of a device, without
// a packet to it: rules or facts have changed, not the text. A device without
// a text is left alone, and so is one whose text has just become another one.
func (b *Backup) Rejudge(ctx context.Context, dev netdev.Device) error {
	st, err := b.opt.Store.State(ctx, dev.ID)
	if err != nil || st.Running == nil {
		return err
	}
	head := st.Running.Revision
	raw, err := b.opt.Store.Raw(ctx, head.ID)
	if err != nil {
		return err
	}
	results := Verdicts(b.opt.Rules, b.opt.Reader.Read(dev.Platform, raw), dev)
	if results == nil {
		results = []compliance.Result{} // judged, and no rule speaks of it
	}
	err = b.opt.Store.SaveJudgement(ctx, Judgement{Device: dev.ID, Revision: head.ID, At: b.opt.Now(), Results: results, Rules: compliance.Fingerprint(b.opt.Rules)})
	if errors.Is(err, ErrSuperseded) {
		return nil
	}
	return err
}
