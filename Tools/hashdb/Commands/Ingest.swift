import ArgumentParser

struct Ingest: ParsableCommand {
}
