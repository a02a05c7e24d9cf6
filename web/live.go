package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/event"
)

// topics that a viewer may hear, by the permission they need.
func topicNeeds(topic string) auth.Permission {
	switch topic {
	case "run", "job", "capture":
		return auth.JobRead
	case "config":
		return auth.ConfigRead
	case "device":
		return auth.InventoryRead
	}
	return ""
}

const (
	keepAlive  = 20 * time.Second
	streamLife = 10 * time.Minute // then the browser comes back, and permissions are asked anew
)

// events answers GET /events: one stream a tab, ids and counters, no rows.
func (s *Server) events(c echo.Context) error {
	v := viewerOf(c)
	var topics []string
	for t := range strings.SplitSeq(c.QueryParam("topics"), ",") {
		if need := topicNeeds(t); need != "" && v.Can(need) && !slices.Contains(topics, t) {
			topics = append(topics, t)
		}
	}
	if len(topics) == 0 {
		return echo.NewHTTPError(http.StatusBadRequest, "name topics: device, run, job, config, capture")
	}
	ctx := c.Request().Context()
	var feed <-chan event.Event
	if last, err := strconv.ParseUint(c.Request().Header.Get("Last-Event-ID"), 10, 64); err == nil {
		feed = s.Events.SubscribeAfter(ctx, last, topics...)
	} else {
		feed = s.Events.Subscribe(ctx, topics...)
	}
	w := c.Response()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	rc := http.NewResponseController(w)
	// The limits of a request do not hold for a stream.
	_ = rc.SetReadDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)
	fmt.Fprint(w, ": hello\n\n")
	w.Flush()
	beat, end := time.NewTicker(keepAlive), time.NewTimer(streamLife)
	defer beat.Stop()
	defer end.Stop()
	for {
		_ = rc.SetWriteDeadline(time.Now().Add(2 * keepAlive))
		select {
		case <-ctx.Done():
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case e, ok := <-feed:
			if !ok {
				return nil
			}
			if e.Gap {
				fmt.Fprintf(w, "id: %d\nevent: gap\ndata: {}\n\n", e.Seq)
			}
			if e.Topic != "" {
				fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Topic, oneLine(e.ID))
			}
		}
		w.Flush()
	}
}

func oneLine(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(s)
}
