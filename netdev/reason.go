package netdev

import (
	"errors"
	"fmt"
)

// Reason says in one word of a closed list why an operation on a device did
// not succeed. Jobs store it, pages count by it.
type Reason string

// Reasons of a session with a device's command line.
const (
	Unreachable      Reason = "unreachable"
	Timeout          Reason = "timeout"
	Handshake        Reason = "handshake"
	LegacyCrypto     Reason = "legacy-crypto"
	HostKeyChanged   Reason = "host-key-changed"
	HostKeyUnknown   Reason = "host-key-unknown"
	JumpFailed       Reason = "jump-failed"
	AuthFailed       Reason = "auth-failed"
	PasswordExpired  Reason = "password-expired"
	LockoutGuard     Reason = "lockout-guard"
	NoCredential     Reason = "no-credential"
	OutOfScope       Reason = "out-of-scope"
	Privilege        Reason = "privilege"
	UnexpectedShell  Reason = "unexpected-shell"
	NoPrompt         Reason = "no-prompt"
	SessionLimit     Reason = "session-limit"
	DeviceBusy       Reason = "device-busy"
	CommandError     Reason = "command-error"
	Empty            Reason = "empty"
	Truncated        Reason = "truncated"
	NoEndMarker      Reason = "no-end-marker"
	TooSmall         Reason = "too-small"
	UnexpectedOutput Reason = "unexpected-output"
	OutputLimit      Reason = "output-limit"
	Closed           Reason = "closed"
	Moving           Reason = "moving"
	Unsupported      Reason = "unsupported"
	WindowClosed     Reason = "window-closed"
	Cancelled        Reason = "cancelled"
	Internal         Reason = "internal"
)

// Reasons of a walk of a device's tables, beside Timeout, AuthFailed,
// Cancelled and Internal.
const (
	BadPacket       Reason = "bad-packet"
	OIDLoop         Reason = "oid-loop"
	WalkLimit       Reason = "walk-limit"
	VersionMismatch Reason = "version"
	IdentityChanged Reason = "identity-changed"
)

// PullReasons is the closed list an attempt to read a configuration may end
// with, in the order pages show them.
func PullReasons() []Reason {
	return []Reason{Unreachable, Timeout, Handshake, LegacyCrypto, HostKeyChanged, HostKeyUnknown, JumpFailed,
		AuthFailed, PasswordExpired, LockoutGuard, NoCredential, OutOfScope, Privilege, UnexpectedShell, NoPrompt,
		SessionLimit, DeviceBusy, CommandError, Empty, Truncated, NoEndMarker, TooSmall, UnexpectedOutput,
		OutputLimit, Closed, Moving, Unsupported, WindowClosed, Cancelled, Internal}
}

// OpError is what a device, or the way to it, did to us.
type OpError struct {
	Reason Reason
	Op     string // what was being done, such as "show running-config" or "connect"
	Addr   string // whom it was done to
	Detail string // facts for the reader; never text of a login dialogue that may hold a secret
	Err    error  // the cause, if any
}

// Error starts with the reason, which the command line promises.
func (e *OpError) Error() string {
	s := string(e.Reason)
	for _, part := range []string{e.Op, e.Addr, e.Detail} {
		if part != "" {
			s += ": " + part
		}
	}
	if e.Err != nil {
		s += fmt.Sprintf(": %v", e.Err)
	}
	return s
}

// Unwrap gives the cause.
func (e *OpError) Unwrap() error { return e.Err }

// ReasonOf finds the reason in err; an error without one is Internal, nil is "".
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*OpError](err); ok {
		return e.Reason
	}
	return Internal
}
