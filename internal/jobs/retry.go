package jobs

import (
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// retryReasons are those that go away by themselves. Authentication,
// identity, scope, privilege and faults of a platform file do not.
func retryReasons() []netdev.Reason {
	return []netdev.Reason{netdev.Unreachable, netdev.Timeout, netdev.Closed, netdev.DeviceBusy, netdev.SessionLimit,
		netdev.Truncated, netdev.NoEndMarker, netdev.TooSmall, netdev.Moving}
}

func retryDelays() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute}
}

// retryAfter says whether an attempt with that end is tried again, and how long
// after it: 1, 5, 20 minutes, each ± 30 %. random is in [0,1).
func retryAfter(kind Kind, attempt int, o Outcome, random float64) (time.Duration, bool) {
	delays := retryDelays()
	if (kind != Pull && kind != Walk) || attempt < 1 || attempt > len(delays) || !o.Again && !slices.Contains(retryReasons(), o.Reason) {
		return 0, false
	}
	return time.Duration(float64(delays[attempt-1]) * (0.7 + 0.6*random)), true
}
