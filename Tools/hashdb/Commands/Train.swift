import ArgumentParser

struct Train: ParsableCommand {
}
