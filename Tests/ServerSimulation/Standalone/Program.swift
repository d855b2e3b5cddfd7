/// The simulation of a server's connections as a program of its own.
@main
enum Program {
    static func main() { SimulationProgram.run(ServerSimulation.self) }
}
