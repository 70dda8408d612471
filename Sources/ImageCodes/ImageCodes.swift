import HashDB
import HashNets
