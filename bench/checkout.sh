#!/bin/bash
# checkout.sh FOLDER REVISION   a commit, built, in a worktree of its own with the libraries of this one
set -e
cd "$(dirname "$0")/.."
git worktree add -q --detach "$1" "$2"
ln -s "$PWD/node_modules" "$1/node_modules"
cp -r services/store/prisma/generated "$1/services/store/prisma/generated"
cd "$1" && npx tsc -p tsconfig.build.json
