/// The simulation of the forwarding core as a program of its own.
@main
enum Program {
    static func main() { SimulationProgram.run(Simulation.self) }
}
