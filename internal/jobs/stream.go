package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	publishTimeout = 5 * time.Second
	duplicates     = 10 * time.Minute
)

// prepare makes the stream and listens for messages that nobody could finish.
func (l *link) prepare(ctx context.Context, q *NATS) error {
	if err := l.makeStream(ctx); err != nil {
		return err
	}
	_, err := l.nc.Subscribe("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES."+streamName+".*", func(m *nats.Msg) { q.tooOften(m.Data) })
	return err
}

func (l *link) makeStream(ctx context.Context) error {
	s, err := l.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"job.>"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
		Duplicates: duplicates, MaxBytes: 512 << 20, Discard: jetstream.DiscardNew, MaxMsgSize: 64 << 10,
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", streamName, err)
	}
	l.stream = s
	return nil
}

// tooOften takes a message out that was delivered as often as it may be; the
// server leaves it in the stream. The row decides what becomes of the job.
func (q *NATS) tooOften(advisory []byte) {
	var a struct {
		Seq uint64 `json:"stream_seq"`
	}
	if err := json.Unmarshal(advisory, &a); err != nil {
		q.opt.Log.Error("queue advisory", "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	stream := q.stream()
	raw, err := stream.GetMsg(ctx, a.Seq)
	if err != nil {
		return // gone meanwhile; the reconciler sees what is left to see
	}
	if err := stream.DeleteMsg(ctx, a.Seq); err != nil {
		q.opt.Log.Error("queue: remove a message", "error", err)
	}
	select {
	case q.exhausted <- raw.Subject[strings.LastIndexByte(raw.Subject, '.')+1:]:
	default:
	}
}

func subject(m Message) string {
	return fmt.Sprintf("job.%s.%s.%s.%s", m.Site, m.Priority, m.Kind, m.Job)
}

// Publish sends a message and waits until the server has it. Two time-outs in
// a row are ErrStuck: a disk that failed one fsync acknowledges nothing more.
func (q *NATS) Publish(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	pctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err = q.current().js.PublishMsg(pctx, &nats.Msg{Subject: subject(m), Data: body}, jetstream.WithMsgID(m.id()))
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err == nil:
		q.fails = 0
		return nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		if q.fails++; q.fails >= 2 {
			return fmt.Errorf("publish job %s: %w", m.Job, ErrStuck)
		}
	}
	return fmt.Errorf("publish job %s: %w", m.Job, err)
}

// Site makes or changes the consumers of a site.
func (q *NATS) Site(ctx context.Context, site string, limit int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.link.limits[site] == limit {
		return nil
	}
	return q.link.site(ctx, site, limit, q.opt.AckWait)
}

func (l *link) site(ctx context.Context, site string, limit int, ackWait time.Duration) error {
	var list []jetstream.Consumer
	for _, p := range priorities() {
		c, err := l.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: site + "_" + string(p), FilterSubject: fmt.Sprintf("job.%s.%s.>", site, p),
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxDeliver: maxDelivered, MaxAckPending: limit,
		})
		if err != nil {
			return fmt.Errorf("consumer %s_%s: %w", site, p, err)
		}
		list = append(list, c)
	}
	l.sites[site], l.limits[site] = list, limit
	return nil
}

// Next asks the consumers of a site in turn, without waiting.
func (q *NATS) Next(ctx context.Context, site string, fromBottom bool) (Delivery, error) {
	q.mu.Lock()
	list := q.link.sites[site]
	q.mu.Unlock()
	for i := range list {
		if fromBottom {
			i = len(list) - 1 - i
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch, err := list[i].FetchNoWait(1)
		if err != nil {
			return nil, fmt.Errorf("next job of %s: %w", site, err)
		}
		for m := range batch.Messages() {
			d := delivery{msg: m}
			if err := json.Unmarshal(m.Data(), &d.body); err != nil {
				return nil, errors.Join(fmt.Errorf("message of %s is not readable: %w", site, err), m.Term())
			}
			return d, nil
		}
		if err := batch.Error(); err != nil {
			return nil, fmt.Errorf("next job of %s: %w", site, err)
		}
	}
	return nil, nil
}

type delivery struct {
	msg  jetstream.Msg
	body Message
}

func (d delivery) Message() Message              { return d.body }
func (d delivery) Alive() error                  { return d.msg.InProgress() }
func (d delivery) Ack(ctx context.Context) error { return d.msg.DoubleAck(ctx) }

// Present lists the subjects of the stream: their last word is the job's id.
func (q *NATS) Present(ctx context.Context) (map[string]bool, error) {
	info, err := q.stream().Info(ctx, jetstream.WithSubjectFilter("job.>"))
	if err != nil {
		return nil, fmt.Errorf("look into the queue: %w", err)
	}
	out := map[string]bool{}
	for s := range info.State.Subjects {
		out[s[strings.LastIndexByte(s, '.')+1:]] = true
	}
	return out, nil
}

// Drop removes the messages of a job.
func (q *NATS) Drop(ctx context.Context, job string) error {
	if err := q.stream().Purge(ctx, jetstream.WithPurgeSubject("job.*.*.*."+job)); err != nil {
		return fmt.Errorf("remove messages of job %s: %w", job, err)
	}
	return nil
}

// Clear starts the stream and its consumers anew. Emptying them is not enough:
// where the end of the stream was lost, a consumer that remembers a later
// number never gives out the next ones.
func (q *NATS) Clear(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	l, limits := q.link, q.link.limits
	if err := l.js.DeleteStream(ctx, streamName); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("empty the queue: %w", err)
	}
	if err := l.makeStream(ctx); err != nil {
		return fmt.Errorf("empty the queue: %w", err)
	}
	l.sites, l.limits = map[string][]jetstream.Consumer{}, map[string]int{}
	for site, limit := range limits {
		if err := l.site(ctx, site, limit, q.opt.AckWait); err != nil {
			return fmt.Errorf("empty the queue: %w", err)
		}
	}
	return nil
}
