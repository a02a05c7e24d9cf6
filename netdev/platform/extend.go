package platform

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// merge lays the keys of child over parent: maps merge, lists and words
// replace, "list+" joins with what the parent has (in front of it inside
// config, behind it elsewhere).
func merge(parent, child yaml.MapSlice, front bool) yaml.MapSlice {
	out := append(yaml.MapSlice(nil), parent...)
	for _, it := range child {
		key := fmt.Sprint(it.Key)
		name, joins := strings.CutSuffix(key, "+")
		at := find(out, name)
		value := it.Value
		switch {
		case at < 0:
			if m, ok := it.Value.(yaml.MapSlice); ok {
				value = merge(nil, m, false) // takes the "+" off keys deeper down
			}
		case joins:
			value = join(out[at].Value, it.Value, front)
		default:
			pm, ok1 := out[at].Value.(yaml.MapSlice)
			cm, ok2 := it.Value.(yaml.MapSlice)
			if ok1 && ok2 {
				value = merge(pm, cm, front || name == "config")
			}
		}
		if at < 0 {
			out = append(out, yaml.MapItem{Key: name, Value: value})
			continue
		}
		out[at] = yaml.MapItem{Key: name, Value: value}
	}
	return out
}

func join(parent, child any, front bool) any {
	p, ok1 := parent.([]any)
	c, ok2 := child.([]any)
	if !ok1 || !ok2 {
		return child
	}
	if front {
		return append(append([]any(nil), c...), p...)
	}
	return append(append([]any(nil), p...), c...)
}

func find(m yaml.MapSlice, key string) int {
	for i, it := range m {
		if fmt.Sprint(it.Key) == key {
			return i
		}
	}
	return -1
}
