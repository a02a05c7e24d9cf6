//go:build !linux

package capture

import "errors"

// Live would read the frames of an interface; only Linux has the socket.
type Live struct {
	name string
	opt  LiveOptions
}

// OpenLive says that there is no live capture here.
func OpenLive(name string, _ LiveOptions) (*Live, error) {
	return nil, liveError(name, errors.ErrUnsupported)
}

// Next, Stats and Close are never reached.
func (*Live) Next() (Frame, error)  { return Frame{}, errors.ErrUnsupported }
func (*Live) Stats() (Stats, error) { return Stats{}, errors.ErrUnsupported }
func (*Live) Close() error          { return nil }
