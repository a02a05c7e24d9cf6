package netdev

import "log/slog"

const redacted = "[redacted]"

// Secret carries a password, community or key. The value lives in a closure
// and not in a field: fmt prints unexported string fields of a nested struct
// even when the type has a String method.
type Secret struct{ reveal func() string }

// NewSecret wraps s. The empty string gives the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal gives the plain value. Only netdev/snmp, netdev/cli and
// internal/vault call it (internal/archtest checks).
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsSet says whether there is a value at all.
func (s Secret) IsSet() bool { return s.reveal != nil }

// String never gives the value.
func (s Secret) String() string { return redacted }

// GoString never gives the value.
func (s Secret) GoString() string { return redacted }

// LogValue never gives the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText never gives the value; it also covers JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
