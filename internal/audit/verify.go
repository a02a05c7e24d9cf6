package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// Report is what Verify found. Fault is "" when the chain is whole.
type Report struct {
	Records int64
	Head    Head
	Fault   string // what is wrong, and where it starts
}

// OK says whether the chain is whole.
func (r Report) OK() bool { return r.Fault == "" }

const verifyBatch = 1000

// Verify computes the chain anew. Heads that were kept elsewhere show a cut
// that took the stored head with it.
func (l *Log) Verify(ctx context.Context, anchors ...Head) (Report, error) {
	return l.VerifyWith(ctx, nil, anchors...)
}

// VerifyWith is Verify that tells how many records of the chain are done.
func (l *Log) VerifyWith(ctx context.Context, progress func(done, of int64), anchors ...Head) (Report, error) {
	head, err := l.rows.AuditHead(ctx)
	if err != nil {
		return Report{}, err
	}
	rep := Report{Head: head}
	fault := func(format string, a ...any) (Report, error) {
		rep.Fault = fmt.Sprintf(format, a...)
		return rep, nil
	}
	kept := map[int64][]byte{}
	for _, a := range anchors {
		kept[a.Seq] = a.MAC
	}
	prev := make([]byte, sha256.Size)
	// Only up to the head that was read: records that are appended meanwhile
	// are the next call's.
	for rep.Records < head.Seq {
		list, err := l.rows.AuditRecords(ctx, rep.Records+1, int(min(verifyBatch, head.Seq-rep.Records)))
		if err != nil {
			return Report{}, err
		}
		if len(list) == 0 {
			return fault("records %d to %d are gone", rep.Records+1, head.Seq)
		}
		for _, r := range list {
			switch {
			case r.Seq != rep.Records+1:
				return fault("record %d is missing", rep.Records+1)
			case !bytes.Equal(r.Prev, prev):
				return fault("record %d does not follow the one before it", r.Seq)
			case !hmac.Equal(r.MAC, r.mac(l.key)):
				return fault("record %d was changed", r.Seq)
			case kept[r.Seq] != nil && !hmac.Equal(kept[r.Seq], r.MAC):
				return fault("record %d is not the one that was anchored", r.Seq)
			}
			delete(kept, r.Seq)
			rep.Records, prev = r.Seq, r.MAC
		}
		if progress != nil {
			progress(rep.Records, head.Seq)
		}
	}
	if head.Seq > 0 && !hmac.Equal(head.MAC, prev) {
		return fault("the head does not fit record %d", head.Seq)
	}
	beyond, err := l.rows.AuditRecords(ctx, head.Seq+1, 1)
	if err != nil {
		return Report{}, err
	}
	if now, err := l.rows.AuditHead(ctx); err != nil || (len(beyond) > 0 && now.Seq == head.Seq) {
		if err != nil {
			return Report{}, err
		}
		return fault("record %d lies behind the head", beyond[0].Seq)
	}
	for seq := range kept {
		if seq > head.Seq {
			return fault("record %d was anchored and is gone: the chain was cut at %d", seq, head.Seq)
		}
	}
	return rep, nil
}
